import type { TableDifference } from './results-table.js';

/**
 * What a table doesn't show of an encoder, in words: that a row with it is better than the same row with a random one in
 * its place, or than the same row without it. Rows that weren't measured say nothing.
 */
export function listDoubts(differences: readonly TableDifference[]): string[] {
  return differences.flatMap(({ row, control, column, low }) => {
    if (low > 0) return [];
    const [name, ...amount] = row.split(', ');
    const after = (features: string) => [features, ...amount].join(', ');
    if (!heads(name).flat().includes('encoder')) return [];
    if (control === after(swap(name)))
      return [`${column}, ${row}: this encoder is not shown to be better than a random one`];
    if (control === after(leaveOut(name)))
      return [`${column}, ${row}: this encoder is not shown to add to ${leaveOut(name)}`];
    return [];
  });
}

/** `a & b+c` is [[a], [b, c]]. */
function heads(name: string): string[][] {
  return name.split(' & ').map((head) => head.split('+'));
}

function join(parts: readonly (readonly string[])[]): string {
  return parts.map((head) => head.join('+')).join(' & ');
}

/** The row with a random encoder. */
function swap(name: string): string {
  return join(heads(name).map((head) => head.map((part) => (part === 'encoder' ? 'random-encoder' : part))));
}

/** The row without the encoder; empty where it is all there is. */
function leaveOut(name: string): string {
  const rest = heads(name).map((head) => head.filter((part) => part !== 'encoder'));
  return join(rest.filter((head) => head.length > 0));
}

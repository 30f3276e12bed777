import { UserError } from '../../errors.js';
import type { AnnotationStream, Bout } from './bouts.js';
import { splitLines } from './csv-text.js';
import { parseDecimal } from './table-cells.js';

/**
 * Reads a Bento `.annot` file: channels with a list of bouts for each behaviour. Frames count from 1 and both ends
 * are inclusive. Files with `Annotation start time` hold seconds, frame n at n / framerate. Throws a UserError that
 * names the line.
 */
export function readBentoAnnotations(text: string, path: string): AnnotationStream[] {
  const lines = splitLines(text);
  if (!/^(Bento|Tracergui) annotation file/i.test(lines[0] ?? ''))
    throw new UserError(
      'data',
      `${path}, line 1: expected "Bento annotation file", got ${JSON.stringify(lines[0].slice(0, 60))}`,
    );
  const scale = readScale(lines, path);
  const streams: { name: string; bouts: Bout[] }[] = [];
  let behaviour: string | undefined;
  for (const [index, line] of lines.entries()) {
    const channel = /^(.+?)-{5,}\s*$/.exec(line);
    if (channel) {
      if (streams.some(({ name }) => name === channel[1]))
        throw new UserError('data', `${path}, line ${index + 1}: channel ${channel[1]} is there twice`);
      streams.push({ name: channel[1], bouts: [] });
      behaviour = undefined;
    } else if (streams.length === 0 || line.trim() === '' || /^Start\s+Stop/i.test(line)) continue;
    else if (line.startsWith('>')) behaviour = line.slice(1).trim();
    else
      streams[streams.length - 1].bouts.push(
        readLine(line, behaviour, scale, `${path}, line ${index + 1}`, index + 1),
      );
  }
  for (const { bouts } of streams) bouts.sort((one, other) => one.start - other.start);
  return streams;
}

/** Frames per unit of the file's numbers. */
function readScale(lines: readonly string[], path: string): number {
  const find = (name: string) => lines.find((line) => line.toLowerCase().startsWith(`annotation ${name}:`));
  if (find('start frame')) return 1;
  const rate = find('framerate');
  if (!find('start time') || !rate)
    throw new UserError(
      'data',
      `${path} has neither "Annotation start frame" nor "Annotation start time" with a framerate`,
    );
  const bouts = lines.filter((line) => /^\s*[\d.]+\s+[\d.]+/.test(line));
  if (bouts.length > 0 && bouts.every((line) => /^\s*\d+\s+\d+(\s|$)/.test(line)))
    throw new UserError('data', `${path} says that it holds seconds, but all its bouts are whole numbers`, {
      hint: 'If they are frames, write "Annotation start frame: 1" in place of "Annotation start time: ...".',
    });
  return parseDecimal(rate.split(':')[1], `${path}, framerate`);
}

function readLine(
  line: string,
  behaviour: string | undefined,
  scale: number,
  where: string,
  number: number,
): Bout {
  if (behaviour === undefined)
    throw new UserError('data', `${where}: expected a line ">behaviour" before the bouts`);
  const [startText, stopText] = line.trim().split(/\s+/);
  const first = Math.round(parseDecimal(startText ?? '', where) * scale);
  const last = Math.round(parseDecimal(stopText ?? '', where) * scale);
  if (first < 1 || last < first || !Number.isSafeInteger(last))
    throw new UserError(
      'data',
      `${where}: expected "start stop" with 1 <= start <= stop, got ${JSON.stringify(line.slice(0, 60))}`,
    );
  return { name: behaviour, start: first - 1, stop: last, where: `line ${number}` };
}

/** Writes streams as channels of a Bento `.annot` file, in frames. Names are not changed, so they must be plain. */
export function writeBentoAnnotations(
  streams: readonly AnnotationStream[],
  recording: { readonly frames: number; readonly framesPerSecond: number },
): string {
  const names = [...new Set(streams.flatMap(({ bouts }) => bouts.map(({ name }) => name)))];
  for (const name of [...names, ...streams.map((stream) => stream.name)])
    if (name === '' || /[\r\n\t>]|-{5,}/.test(name))
      throw new UserError('data', `${JSON.stringify(name)} cannot be a name in a Bento file`);
  const lines = [
    'Bento annotation file',
    'Movie file(s): ',
    '',
    'Stimulus name: ',
    'Annotation start frame: 1',
    `Annotation stop frame: ${recording.frames}`,
    `Annotation framerate: ${recording.framesPerSecond}`,
    '',
    'List of channels:',
    ...streams.map(({ name }) => name),
    '',
    'List of annotations:',
    ...names,
    '',
  ];
  for (const { name: channel, bouts } of streams) {
    lines.push(`${channel}----------`);
    for (const name of names) {
      const own = bouts.filter((bout) => bout.name === name);
      if (own.length === 0) continue;
      lines.push(`>${name}`, 'Start\tStop\tDuration');
      for (const { start, stop } of own) lines.push(`${start + 1}\t${stop}\t${stop - start}`);
      lines.push('');
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

import type { z } from 'zod';

export type Place = readonly (string | number)[];

/** Settings that contradict each other. */
export interface Contradiction {
  /** Where it is told, best first: at the first of these that somebody has written. */
  readonly at: readonly Place[];
  /** Follows the setting's name: `must be a multiple of encoder.heads (6)`. */
  readonly message: string;
}

/**
 * A check across settings, as arguments of `superRefine`. It runs beside all others, so that every problem is told at
 * once, but not where one of the settings that it reads is wrong by itself.
 */
export function rule<Settings>(
  reads: readonly string[],
  find: (settings: Settings) => readonly Contradiction[],
): Parameters<z.ZodType<Settings>['superRefine']> {
  const paths = reads.map((name) => name.split('.'));
  const isRead = (path: readonly string[]) => paths.some((wanted) => isOneWay(path, wanted));
  return [
    (settings, context) => {
      for (const { at, message } of find(settings as Settings)) {
        context.addIssue({ code: 'custom', path: [...at[0]], message, params: { at } });
      }
    },
    {
      when: ({ issues }) => issues.filter(isOfOneSetting).every(({ path = [] }) => !isRead(path.map(String))),
    },
  ];
}

/** Not what an unknown key or another rule has to say: every value is still what its schema wants. */
function isOfOneSetting(issue: { readonly code?: string; readonly params?: unknown }): boolean {
  return issue.code !== 'unrecognized_keys' && !(issue.code === 'custom' && issue.params !== undefined);
}

/** Whether one path leads on from the other. */
function isOneWay(one: readonly string[], other: readonly string[]): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((part, index) => part === other[index]);
}

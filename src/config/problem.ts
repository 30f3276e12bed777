import { UserError } from '../errors.js';
import { formatPath, type Origin, type Path } from './tree.js';

export type ProblemCode =
  | 'syntax'
  | 'duplicate'
  | 'forbidden'
  | 'size'
  | 'extends'
  | 'override'
  | 'reference'
  | 'unknown'
  | 'missing'
  | 'type'
  | 'range'
  | 'choice'
  | 'rule';

/** One thing that is wrong with the settings, as data; `formatProblems` makes its text. */
export interface Problem {
  readonly code: ProblemCode;
  readonly origin: Origin;
  readonly path: Path;
  /** Follows the key path as a predicate: `must be below 1`, `is not a setting`. */
  readonly expected: string;
  /** The value that was found, as a person would write it; absent where there is none. */
  readonly got?: string;
  /** The name that was probably meant. */
  readonly suggestion?: string;
}

/** All problems of one set of settings. */
export class SettingsError extends UserError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], hint?: string) {
    super('settings', formatProblems(problems), hint === undefined ? {} : { hint });
    this.name = 'SettingsError';
    this.problems = groupBySource(problems).flatMap(([, members]) => members);
  }
}

/** `must be below 1, got 1.5. Did you mean strideFrames?` */
function formatProblem(problem: Problem): string {
  const got = problem.got === undefined ? '' : `, got ${problem.got}`;
  const suggestion = problem.suggestion === undefined ? '' : `. Did you mean ${problem.suggestion}?`;
  return `${problem.expected}${got}${suggestion}`;
}

/**
 * Problems grouped by where they were written:
 *
 *     configs/calms21.yaml has 2 problems
 *
 *       12:14  objective.maskRatio   must be below 1, got 1.5
 *       17:3   window.strideframes   is not a setting. Did you mean strideFrames?
 */
function formatProblems(problems: readonly Problem[]): string {
  return groupBySource(problems)
    .map(([source, members]) => formatGroup(source, members))
    .join('\n\n');
}

/** Problems by where they were written, each group in the order of its lines. */
function groupBySource(problems: readonly Problem[]): readonly (readonly [string, readonly Problem[]])[] {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const source = sourceOf(problem.origin);
    groups.set(source, [...(groups.get(source) ?? []), problem]);
  }
  return [...groups].map(([source, members]) => [
    source,
    members.sort((one, other) => compareOrigins(one.origin, other.origin)),
  ]);
}

function sourceOf(origin: Origin): string {
  if (origin.from === 'file') return origin.file;
  return origin.from === 'override' ? 'The command line' : 'The settings';
}

function formatGroup(source: string, problems: readonly Problem[]): string {
  const verb = source === 'The settings' ? 'have' : 'has';
  const head = `${escapeControls(source)} ${verb} ${problems.length} problem${problems.length === 1 ? '' : 's'}`;
  const rows = problems.map(({ origin, path }) => [placeOf(origin), shorten(formatPath(path))]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = problems.map((problem, index) => {
    const [place, key] = rows[index].map((cell, column) => cell.padEnd(widths[column]));
    const columns = [
      ...(place === '' ? [] : [place]),
      ...(key === '' ? [] : [`${key} `]),
      formatProblem(problem),
    ];
    return `  ${escapeControls(columns.join('  '))}`;
  });
  return [head, '', ...lines].join('\n');
}

function placeOf(origin: Origin): string {
  if (origin.from === 'file') return `${origin.line}:${origin.column}`;
  return origin.from === 'override' ? shorten(origin.text) : '';
}

function compareOrigins(one: Origin, other: Origin): number {
  if (one.from !== 'file' || other.from !== 'file') return 0;
  return one.line - other.line || one.column - other.column;
}

/** Characters of a value or key that are shown. */
const SHOWN_CHARACTERS = 60;

/** A value as a person would write it, on one line, at most so many characters, control characters escaped. */
export function formatValue(value: unknown, characters = SHOWN_CHARACTERS): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return shorten(JSON.stringify(value) ?? String(value), characters);
}

function shorten(text: string, characters = SHOWN_CHARACTERS): string {
  const shown = escapeControls(text);
  return shown.length <= characters ? shown : `${shown.slice(0, characters - 3)}...`;
}

/** Keys, values and file names may hold anything: what commands a terminal is shown by its number. */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

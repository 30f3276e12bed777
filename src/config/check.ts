import type { z } from 'zod';
import { nearest } from './nearest.js';
import { formatValue, type Problem } from './problem.js';
import { childSchema, choicesOf, coreFor, describeType, fieldsOf, peel } from './schema-walk.js';
import { formatPath, nodeAt, type Origin, type Path, plainOf, type SettingNode } from './tree.js';

/** Checks a filled tree against a schema: the settings, or every problem with its place. */
export function checkTree<Schema extends z.ZodType>(
  schema: Schema,
  root: SettingNode,
): { readonly settings: z.output<Schema> } | { readonly problems: readonly Problem[] } {
  const parsed = schema.safeParse(plainOf(root));
  if (parsed.success) return { settings: parsed.data };
  return { problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, schema, root)) };
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType, root: SettingNode): Problem[] {
  const path = issue.code === 'custom' ? placeOfRule(issue, root) : (issue.path as Path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, path, schema, root));
  }
  const node = nodeAt(root, path);
  const origin = node === undefined || issue.code === 'custom' ? nearestOrigin(root, path) : node.origin;
  if (node === undefined && issue.code !== 'custom') {
    const expected = `is missing: ${expectationAt(schema, root, path)}`;
    return [{ code: 'missing', origin, path, expected }];
  }
  const got = node === undefined || node.type !== 'scalar' ? undefined : shownValue(node);
  const { code, expected, suggestion } = describeIssue(issue, schema, root, node);
  const problem = { code, origin, path, expected };
  return [
    {
      ...problem,
      ...(got === undefined || code === 'rule' ? {} : { got }),
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  ];
}

/** Of the settings that contradict each other, the one that somebody has written: best on the command line, else in a file. */
function placeOfRule(issue: z.core.$ZodIssueCustom, root: SettingNode): Path {
  const places = (issue.params?.at ?? [issue.path]) as readonly Path[];
  const written = (from: Origin['from']) => places.find((place) => nodeAt(root, place)?.origin.from === from);
  return written('override') ?? written('file') ?? places[0];
}

/** The setting that a contradiction says something of, where it is shown at another one; else nothing. */
function subjectElsewhere(issue: z.core.$ZodIssueCustom, root: SettingNode): string {
  const [subject, place] = [issue.path as Path, placeOfRule(issue, root)].map(formatPath) as [string, string];
  return subject === place ? '' : `${subject} `;
}

/** A value as it was written: what came from the environment is not shown. */
function shownValue(node: Extract<SettingNode, { type: 'scalar' }>): string {
  return node.unexpanded ?? formatValue(node.value);
}

function unknownKey(key: string, path: Path, schema: z.core.$ZodType, root: SettingNode): Problem {
  const section = nodeAt(root, path);
  const entry = section?.type === 'map' ? section.entries.get(key) : undefined;
  const core = coreAt(schema, root, path);
  const suggestion = nearest(key, Object.keys((core && fieldsOf(core)) ?? {}));
  const origin = entry?.node.origin.from === 'override' ? entry.node.origin : entry?.key;
  const problem: Problem = {
    code: 'unknown',
    origin: origin ?? nearestOrigin(root, path),
    path: [...path, key],
    expected: 'is not a setting',
  };
  return suggestion === undefined ? problem : { ...problem, suggestion };
}

function describeIssue(
  issue: z.core.$ZodIssue,
  schema: z.core.$ZodType,
  root: SettingNode,
  node: SettingNode | undefined,
): Pick<Problem, 'code' | 'expected' | 'suggestion'> {
  switch (issue.code) {
    case 'too_small':
    case 'too_big':
      return { code: 'range', expected: describeLimit(issue) };
    case 'not_multiple_of':
      return { code: 'range', expected: `must be a multiple of ${issue.divisor}` };
    case 'invalid_value':
      return describeChoice(issue.values.map(String), node);
    case 'invalid_union': {
      const core = coreAt(schema, root, issue.path.slice(0, -1) as Path);
      const choices = core === undefined ? undefined : choicesOf(core);
      if (choices !== undefined) return describeChoice([...choices.options.keys()], node);
      return { code: 'type', expected: `must be ${expectationAt(schema, root, issue.path as Path)}` };
    }
    case 'custom':
      return { code: 'rule', expected: `${subjectElsewhere(issue, root)}${issue.message}` };
    case 'invalid_format':
      return { code: 'type', expected: issue.message };
    default:
      return { code: 'type', expected: `must be ${expectationAt(schema, root, issue.path as Path)}` };
  }
}

function describeLimit(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isLow = issue.code === 'too_small';
  const limit = isLow ? issue.minimum : issue.maximum;
  if (issue.origin === 'number' || issue.origin === 'int') {
    if (issue.inclusive) return `must be ${isLow ? 'at least' : 'at most'} ${limit}`;
    return `must be ${isLow ? 'above' : 'below'} ${limit}`;
  }
  const unit = issue.origin === 'string' ? 'character' : 'entr';
  const ending = issue.origin === 'string' ? (limit === 1 ? '' : 's') : limit === 1 ? 'y' : 'ies';
  return `must have ${isLow ? 'at least' : 'at most'} ${limit} ${unit}${ending}`;
}

function describeChoice(
  values: readonly string[],
  node: SettingNode | undefined,
): Pick<Problem, 'code' | 'expected' | 'suggestion'> {
  const expected = values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`;
  const written = node?.type === 'scalar' && typeof node.value === 'string' ? node.value : '';
  const suggestion = written === '' || values.length === 1 ? undefined : nearest(written, values);
  return { code: 'choice', expected, ...(suggestion === undefined ? {} : { suggestion }) };
}

/** What the schema expects at a path, in words. */
function expectationAt(schema: z.core.$ZodType, root: SettingNode, path: Path): string {
  if (path.length === 0) return describeType(schema);
  const parent = coreAt(schema, root, path.slice(0, -1));
  const last = path[path.length - 1];
  const choices = parent === undefined ? undefined : choicesOf(parent);
  if (choices !== undefined && last === choices.key)
    return `one of ${[...choices.options.keys()].join(', ')}`;
  const child = parent === undefined ? undefined : childSchema(parent, last);
  return child === undefined ? 'something else' : describeType(child);
}

/** The core schema at a path, following the choices that the tree has made. */
function coreAt(schema: z.core.$ZodType, root: SettingNode, path: Path): z.core.$ZodType | undefined {
  let core = coreFor(schema, root);
  for (const [depth, part] of path.entries()) {
    const child = childSchema(core, part);
    if (child === undefined) return undefined;
    core = coreFor(peel(child).core, nodeAt(root, path.slice(0, depth + 1)));
  }
  return core;
}

/** The origin of the deepest section on the way to a path that a person has written, else of the root. */
function nearestOrigin(root: SettingNode, path: Path): Origin {
  for (let length = path.length; length > 0; length--) {
    const node = nodeAt(root, path.slice(0, length));
    if (node !== undefined && node.origin.from !== 'default') return node.origin;
  }
  return root.origin;
}

import { UserError } from '../errors.js';

/** Settings that are changed, by dotted key below `pretrain.` or `heads.`: `pretrain.encoder.width: 64`. */
export type Changes = Readonly<Record<string, unknown>>;

/** What a sweep file declares. */
export interface SweepDeclaration {
  /** Changes that hold for every job. */
  readonly common: Changes;
  /** Sets of settings that vary together; the first is the baseline. */
  readonly variants: Readonly<Record<string, Changes>>;
  /** Settings that are crossed with the variants: every combination of one value each. */
  readonly grid: Readonly<Record<string, readonly unknown[]>>;
  readonly seeds: readonly number[];
  /** Combinations that are left out: all keys of a rule must match. `variant` names a variant, `seed` a seed. */
  readonly skip: readonly Changes[];
}

/** One cell of the table: a variant with one seed. */
export interface Combination {
  /** The variant's name and the grid's values: `no contrast, pretrain.encoder.width=64`. Seeds share it. */
  readonly variant: string;
  readonly seed: number;
  /** What differs from the base files, seeds left out. */
  readonly changes: Changes;
}

const STAGES = ['pretrain', 'heads'] as const;
/** What a job of a sweep does: pretraining, or heads. */
export type Stage = (typeof STAGES)[number];

/**
 * Lists the combinations: the first seed of every variant first, so that a whole table exists early.
 * @throws UserError (`settings`) for keys outside `pretrain.` and `heads.`, for rules of `skip` that nothing matches, or
 *   when every combination is skipped: all at once
 */
export function listCombinations(declaration: SweepDeclaration): Combination[] {
  const { common, variants, grid, seeds, skip } = declaration;
  const cells = Object.entries(variants).flatMap(([name, own]) =>
    crossGrid(grid).map((point) => ({ name, own, point })),
  );
  const used = new Set<Changes>();
  const combinations = seeds.flatMap((seed) =>
    cells.flatMap(({ name, own, point }) => {
      const subject = { variant: name, seed, ...common, ...own, ...point };
      const rules = skip.filter((rule) => matches(rule, subject));
      for (const rule of rules) used.add(rule);
      if (rules.length > 0) return [];
      const values = Object.entries(point).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return [{ variant: [name, ...values].join(', '), seed, changes: { ...common, ...own, ...point } }];
    }),
  );
  const problems = [
    ...complainAboutKeys(declaration),
    ...skip.filter((rule) => !used.has(rule)).map((rule) => `skip: nothing matches ${JSON.stringify(rule)}`),
    ...(combinations.length === 0 ? ['skip: every combination is left out, there are no jobs'] : []),
  ];
  if (problems.length === 0) return combinations;
  throw new UserError('settings', `The sweep can't be planned:\n\n  ${problems.join('\n  ')}`, {
    hint: 'Keys are those of the base files below the name of the file: pretrain.encoder.width, heads.rows',
  });
}

/** The changes of a stage as `key=value` texts that win over its base file. */
export function overridesOf(stage: Stage, changes: Changes): string[] {
  const prefix = `${stage}.`;
  return Object.entries(changes)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => `${key.slice(prefix.length)}=${JSON.stringify(value)}`);
}

/** Every combination of one value of each key; one empty combination for an empty grid. */
function crossGrid(grid: SweepDeclaration['grid']): Changes[] {
  return Object.entries(grid).reduce<Changes[]>(
    (points, [key, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [key]: value }))),
    [{}],
  );
}

function matches(rule: Changes, subject: Changes): boolean {
  return Object.entries(rule).every(([key, value]) => JSON.stringify(subject[key]) === JSON.stringify(value));
}

function complainAboutKeys({ common, variants, grid }: SweepDeclaration): string[] {
  const places: [string, Changes][] = [
    ['common', common],
    ...Object.entries(variants).map(([name, own]): [string, Changes] => [`variants.${name}`, own]),
    ['grid', grid],
  ];
  return places.flatMap(([place, keys]) =>
    Object.keys(keys)
      .filter((key) => !STAGES.some((stage) => key.startsWith(`${stage}.`) && key.length > stage.length + 1))
      .map((key) => `${place}: ${key} lies neither below pretrain. nor below heads.`),
  );
}

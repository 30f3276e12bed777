import { UserError } from '../errors.js';

/** Settings that a variant changes, by dotted key below `pretrain.` or `heads.`: `pretrain.encoder.width: 64`. */
export type Changes = Readonly<Record<string, unknown>>;

/** What a sweep file declares. */
export interface SweepDeclaration {
  /** Sets of settings that vary together; the first is the baseline. */
  readonly variants: Readonly<Record<string, Changes>>;
  /** Settings that are crossed with the variants: every combination of one value each. */
  readonly grid: Readonly<Record<string, readonly unknown[]>>;
  readonly seeds: readonly number[];
  /** Combinations that are left out: all keys of a rule must match. `variant` names a variant. */
  readonly skip: readonly Changes[];
}

/** One normal run: its settings as differences from the base files. */
export interface Job {
  /** The variant's name and the grid's values: `no contrast, pretrain.encoder.width=64`. Seeds share it. */
  readonly variant: string;
  readonly seed: number;
  /** `key=value` texts for the pretraining and for the heads. */
  readonly pretrain: readonly string[];
  readonly heads: readonly string[];
}

/**
 * Lists the jobs: the first seed of every variant first, so that a whole table exists early.
 * @throws UserError (`settings`) for a key outside `pretrain.` and `heads.`, or when every job is skipped
 */
export function planJobs(declaration: SweepDeclaration): Job[] {
  const cells = Object.entries(declaration.variants).flatMap(([variant, changes]) =>
    crossGrid(declaration.grid).map((point) => ({ variant, changes, point })),
  );
  const kept = cells.filter(
    ({ variant, changes, point }) =>
      !declaration.skip.some((rule) => matches(rule, { variant, ...changes, ...point })),
  );
  if (kept.length === 0) {
    throw new UserError('settings', 'The sweep has no jobs: every combination is skipped', {
      hint: 'Loosen the rules under skip',
    });
  }
  return declaration.seeds.flatMap((seed) =>
    kept.map(({ variant, changes, point }) => ({
      variant: [
        variant,
        ...Object.entries(point).map(([key, value]) => `${key}=${JSON.stringify(value)}`),
      ].join(', '),
      seed,
      ...splitByStage({ ...changes, ...point }, seed),
    })),
  );
}

/** Every combination of one value of each key; one empty combination for an empty grid. */
function crossGrid(grid: SweepDeclaration['grid']): Changes[] {
  return Object.entries(grid).reduce<Changes[]>(
    (points, [key, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [key]: value }))),
    [{}],
  );
}

function matches(rule: Changes, cell: Changes): boolean {
  return Object.entries(rule).every(([key, value]) => JSON.stringify(cell[key]) === JSON.stringify(value));
}

function splitByStage(changes: Changes, seed: number): Pick<Job, 'pretrain' | 'heads'> {
  const stages = { pretrain: [`seed=${seed}`], heads: [`seed=${seed}`] };
  for (const [key, value] of Object.entries(changes)) {
    const [stage, ...path] = key.split('.');
    if ((stage !== 'pretrain' && stage !== 'heads') || path.length === 0) {
      throw new UserError(
        'settings',
        `A sweep can't change ${key}: it is neither below pretrain. nor below heads.`,
        {
          hint: 'Write pretrain.encoder.width, for example',
        },
      );
    }
    stages[stage].push(`${path.join('.')}=${JSON.stringify(value)}`);
  }
  return stages;
}

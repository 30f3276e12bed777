import { hashSettings } from '../config/hash-settings.js';
import { loadKind } from '../config/kinds.js';
import type { LoadedSettings } from '../config/load-settings.js';
import { formatValue, type Problem, SettingsError } from '../config/problem.js';
import type { Environment } from '../config/references.js';
import { asSweepDeclaration, type SweepSettings } from '../config/schema/sweep.js';
import type { Origin } from '../config/tree.js';
import {
  type Changes,
  type Combination,
  listCombinations,
  overridesOf,
  type Stage,
} from '../sweep/declaration.js';
import type { Job, PlannedVariant, SweepPlan, Task } from '../sweep/plan.js';
import { isHarmless } from './harmless-settings.js';
import { runFolder, sweepFolder } from './sweep-folder.js';

/** Settings of a sweep as they were loaded. */
export type LoadedSweep = LoadedSettings<SweepSettings>;

const KINDS = { pretrain: 'pretrain', heads: 'finetune' } as const;

/**
 * Loads the settings of every run of a sweep and finds out which of them are the same run: those whose settings have
 * the same hash, names, threads and device left out.
 * @throws UserError (`settings`) with the problems of all jobs at once, where they stand in the sweep's file
 */
export function planSweep(sweep: LoadedSweep, environment: Environment): SweepPlan {
  const { settings } = sweep;
  const combinations = listCombinations(asSweepDeclaration(settings));
  const planner = new Planner(sweep, environment);
  const jobs = new Map<string, Job>();
  for (const combination of combinations) {
    const tasks = planner.planJob(combination);
    if (tasks.length === 0) continue;
    const { variant, seed } = combination;
    const id = tasks[tasks.length - 1].id;
    const known = jobs.get(id);
    const variants = [...(known?.variants ?? []), variant];
    jobs.set(
      id,
      known ? { ...known, variants } : { id, variants, seed, tasks: tasks.map((task) => task.id) },
    );
  }
  planner.throwProblems();
  return {
    format: 1,
    name: settings.name,
    variants: describeVariants(combinations, settings.common),
    seeds: settings.seeds,
    jobs: [...jobs.values()],
    tasks: [...planner.tasks.values()],
    options: { runner: settings.runner, failFast: settings.failFast, bootstrap: settings.bootstrap },
  };
}

/** Turns combinations into tasks, each once; keeps problems until all are known. */
class Planner {
  readonly tasks = new Map<string, Task>();
  readonly #problems = new Map<string, Problem>();

  constructor(
    readonly sweep: LoadedSweep,
    readonly environment: Environment,
  ) {}

  /** The tasks of a job in their order; empty where its settings have problems. */
  planJob(combination: Combination): Task[] {
    const { pretrain, heads, splits } = this.sweep.settings;
    const encoders =
      pretrain === null
        ? []
        : (splits.length === 0 ? [{}] : splits).flatMap(
            (split) => this.#planTask('pretrain', pretrain, combination, split, []) ?? [],
          );
    if (heads === null) return encoders;
    const task = this.#planTask('heads', heads, combination, {}, encoders);
    return task === undefined ? [] : [...encoders, task];
  }

  throwProblems(): void {
    if (this.#problems.size > 0) throw new SettingsError([...this.#problems.values()]);
  }

  #planTask(
    stage: Stage,
    file: string,
    { variant, seed, changes }: Combination,
    split: Changes,
    encoders: readonly Task[],
  ): Task | undefined {
    const folder = sweepFolder(this.sweep.settings.name);
    const runs = encoders.map(({ id }) => runFolder(folder, id));
    const source = {
      file,
      environment: this.environment,
      overrides: [
        `seed=${seed}`,
        ...(stage === 'heads' ? [`seeds=[${seed}]`] : []),
        ...(runs.length === 0 ? [] : [`run=${JSON.stringify(runs.length === 1 ? runs[0] : runs)}`]),
        ...overridesOf(stage, { ...changes, ...split }),
      ],
    };
    try {
      const { unexpanded } = loadKind(KINDS[stage], source);
      const settings = unexpanded as Task['settings'];
      const after = encoders.map((encoder) => encoder.id);
      const id = `${stage}-${hashSettings(identify(stage, settings))}`;
      const task = { id, stage, settings: { ...settings, name: id }, after, isDropped: false };
      if (!this.tasks.has(id)) this.tasks.set(id, task);
      return this.tasks.get(id);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      for (const problem of error.problems) {
        const told = this.#tellInSweep(stage, variant, problem);
        this.#problems.set(JSON.stringify(told), told);
      }
      return undefined;
    }
  }

  /** A problem with a change, where the sweep's file says it. */
  #tellInSweep(stage: Stage, variant: string, problem: Problem): Problem {
    if (problem.origin.from === 'file') return problem;
    const said =
      problem.origin.from === 'override' ? problem.origin.text.split('=')[0] : problem.path.join('.');
    const key = `${stage}.${said}`;
    const name = Object.keys(this.sweep.settings.variants)
      .filter((own) => variant === own || variant.startsWith(`${own}, `))
      .at(-1);
    const places = [`grid.${key}`, `variants.${name}.${key}`, `common.${key}`];
    const origin = places
      .map((place) => findOrigin(this.sweep.origins, place))
      .find((found) => found !== undefined);
    return origin === undefined ? problem : { ...problem, origin, path: [stage, ...problem.path] };
  }
}

function findOrigin(origins: ReadonlyMap<string, Origin>, place: string): Origin | undefined {
  return [...origins].find(([path]) => path === place || path.startsWith(`${place}.`))?.[1];
}

/** What a run's results depend on: the rest may differ between two runs that count as one. */
function identify(stage: Stage, settings: unknown): unknown {
  const isFree = (path: string) =>
    path === 'name' || /^engine\.(threads|device)$/.test(path) || isHarmless(stage, path);
  const keep = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, child]) => {
        const place = path === '' ? key : `${path}.${key}`;
        return isFree(place) ? [] : [[key, keep(child, place)]];
      }),
    );
  };
  return keep(settings, '');
}

/** Each variant once, in the order of the file, with what it changes beside that which all change. */
function describeVariants(combinations: readonly Combination[], common: Changes): PlannedVariant[] {
  const variants = new Map<string, Changes>();
  for (const { variant, changes } of combinations) if (!variants.has(variant)) variants.set(variant, changes);
  return [...variants].map(([name, changes]) => ({
    name,
    differences: Object.entries(changes)
      .filter(([key, value]) => !(key in common) || formatValue(common[key]) !== formatValue(value))
      .map(([key, value]) => `${key}=${formatValue(value)}`),
  }));
}

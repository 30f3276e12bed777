import type { DeepReadonly } from '../config/freeze.js';
import { hashSettings } from '../config/hash-settings.js';
import { loadKind } from '../config/kinds.js';
import type { Environment } from '../config/references.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { animalOrders } from '../data/inputs/animal-orders.js';
import { openDataset } from '../data/store/open-dataset.js';
import type { Stage } from '../sweep/declaration.js';
import { readJournal } from '../sweep/journal.js';
import type { SweepPlan, Task } from '../sweep/plan.js';
import type { Estimate } from './estimate.js';
import { usualSeconds } from './sweep-report.js';

/** What is left of a sweep. */
export interface SweepEstimate {
  readonly stages: readonly StageEstimate[];
}

export interface StageEstimate {
  readonly stage: Stage;
  readonly total: number;
  readonly open: number;
  /** Of all that are open, one after the other; null where none has been run. */
  readonly seconds: number | null;
  /** Of all that are open; null where it can't be known. */
  readonly diskBytes: number | null;
}

/** Estimates pretrainings of the same engine settings, in their order. */
type EstimateRuns = (runs: readonly DeepReadonly<PretrainSettings>[]) => Promise<readonly Estimate[]>;

/** Measures a few steps of each different pretraining; times of heads are known from those that were fitted before. */
export async function estimateSweep(
  folder: string,
  { tasks }: SweepPlan,
  environment: Environment,
  estimate: EstimateRuns,
): Promise<SweepEstimate> {
  const journal = readJournal(folder);
  const stages: StageEstimate[] = [];
  for (const stage of ['pretrain', 'heads'] as const) {
    const all = tasks.filter((task) => task.stage === stage && !task.isDropped);
    const open = all.filter(({ id }) => journal.get(id)?.state !== 'done');
    if (all.length === 0) continue;
    const sizes = { stage, total: all.length, open: open.length };
    if (stage === 'pretrain') {
      const known = await estimateEach(open, environment, estimate);
      stages.push({
        ...sizes,
        seconds: sum(known.map(({ seconds }) => seconds)),
        diskBytes: sum(known.map(({ diskBytes }) => diskBytes)),
      });
    } else {
      const usual = usualSeconds(journal, stage);
      const bytes = open.map((task) => featureBytes(task, tasks));
      stages.push({
        ...sizes,
        seconds: open.length === 0 ? 0 : usual === null ? null : open.length * usual,
        diskBytes: bytes.includes(null) ? null : sum(bytes.map((size) => size ?? 0)),
      });
    }
  }
  return { stages };
}

/** Runs that differ in seeds or held-out recordings take the same. */
async function estimateEach(
  tasks: readonly Task[],
  environment: Environment,
  estimate: EstimateRuns,
): Promise<Estimate[]> {
  const keys = tasks.map(({ settings: { name: _, seed: __, data, ...rest } }) =>
    hashSettings({ ...rest, data: { ...(data as object), holdOut: null } }),
  );
  const firsts = tasks.filter((_, index) => keys.indexOf(keys[index]) === index);
  const byEngine = new Map<string, Task[]>();
  for (const task of firsts) {
    const engine = hashSettings(task.settings.engine);
    byEngine.set(engine, [...(byEngine.get(engine) ?? []), task]);
  }
  const known = new Map<string, Estimate>();
  for (const group of byEngine.values()) {
    const estimates = await estimate(group.map((task) => settingsOf(task, environment)));
    for (const [index, task] of group.entries()) known.set(keys[tasks.indexOf(task)], estimates[index]);
  }
  return keys.map((key) => known.get(key) as Estimate);
}

function settingsOf({ settings }: Task, environment: Environment): DeepReadonly<PretrainSettings> {
  const overrides = Object.entries(settings).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return loadKind('pretrain', { file: null, overrides, environment }).settings;
}

/**
 * Features of every frame that heads store: a float a channel for each encoder, two where the animals are an exchangeable
 * pair (see `Embedder`); null where the encoder isn't part of the sweep.
 */
function featureBytes({ settings, after }: Task, tasks: readonly Task[]): number | null {
  const { rows, features, data } = settings as {
    readonly rows: readonly string[];
    readonly features: { readonly layers: readonly number[] };
    readonly data: { readonly folder: string };
  };
  const sources = ['encoder', 'random-encoder'].filter((source) =>
    rows.some((row) => row.split(/ & |\+/).includes(source)),
  );
  if (sources.length === 0) return 0;
  const encoders = tasks.filter(({ id }) => after.includes(id));
  if (encoders.length === 0) return null;
  const dataset = openDataset(data.folder);
  const frames = sum(dataset.recordings.map((recording) => recording.frames));
  const perChannel = animalOrders(dataset.header).length === 2 ? 2 : 1;
  dataset.close();
  const widths = encoders.map((task) => (task.settings.encoder as { readonly width: number }).width);
  return 4 * frames * features.layers.length * sources.length * perChannel * sum(widths);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

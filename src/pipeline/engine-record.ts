import type { PretrainSettings } from '../config/schema/pretrain.js';
import { assertSameStamp, type DataStamp, stampDataset } from '../data/store/data-stamp.js';
import type { Dataset } from '../data/store/dataset.js';
import { verifyDataset } from '../data/store/verify-dataset.js';
import type { Device, Engine } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import { UserError } from '../errors.js';
import type { EmitEvent } from '../events/event.js';
import { describeMachine } from './machine-record.js';
import { compareSettings, readRunJson, writeRunJson } from './run-folder.js';

/** The engine settings of any kind of run. */
type EngineChoice = Pick<PretrainSettings['engine'], 'device' | 'threads' | 'deterministic' | 'precision'>;

const RESOLVED = 'resolved.json';
const ONEDNN = 'TF_ENABLE_ONEDNN_OPTS';
const ONEDNN_DEFAULT = 'default';

/** What the bits of a run depend on besides its settings. */
interface Resolved {
  readonly engine: string;
  readonly library: string;
  readonly tfjs: string;
  readonly threads: number;
  /** `0` turns oneDNN off; unset is its default. */
  readonly onednn: string;
  readonly datasetHash: string;
  /** Hashes of the encoders behind the figures, by seed; undefined where there are none, and in older runs. */
  readonly encoders?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What `resolved.json` holds beyond that: for people, and for a start that takes the run up. */
interface Kept extends Resolved {
  readonly processor: string;
  readonly dataStamp: DataStamp;
}

/**
 * Starts the engine that settings ask for; a run that is taken up gets the engine, threads and oneDNN that it had.
 * @param resumed the folder of that run, or null
 * @throws UserError (`device`) when it can't be had
 */
export function startRunEngine(
  { device, threads, deterministic, precision }: EngineChoice,
  resumed: string | null = null,
): Promise<Engine> {
  const kept = resumed === null ? undefined : (readRunJson(resumed, RESOLVED) as Kept | undefined);
  if (kept !== undefined) {
    if (kept.onednn === ONEDNN_DEFAULT) delete process.env[ONEDNN];
    else process.env[ONEDNN] = kept.onednn;
  }
  const count = threads ?? kept?.threads ?? null;
  const asked = device === 'auto' ? (kept?.engine ?? device) : device;
  return startEngine({
    device: asked as Device,
    isDeterministic: deterministic,
    allowsTf32: precision === 'tf32',
    ...(count === null ? {} : { threads: count }),
  });
}

/** A run as far as its engine and data are concerned. */
export interface RecordedRun {
  readonly seed: number;
  readonly dataset: Dataset;
  /** See `Resolved`. */
  readonly encoders?: Resolved['encoders'];
  readonly isResumed: boolean;
  readonly emit: EmitEvent;
  /** What else a reader of `resolved.json` wants to know: mode, weights that it starts from. */
  readonly also?: Readonly<Record<string, unknown>>;
}

/**
 * Writes `resolved.json`: engine, versions, threads, data, git, seed. A resumed run must find the same.
 * @returns throws UserError (`data`) where the data set was changed since: to be called before a result is kept
 * @throws UserError (`device`, `data`) naming everything that differs: bits would
 */
export async function keepEngine(folder: string, engine: Engine, run: RecordedRun): Promise<() => void> {
  const { dataset } = run;
  const resolved: Resolved = {
    engine: engine.name,
    library: engine.versions.library,
    tfjs: engine.versions.tfjs,
    threads: engine.threads,
    onednn: process.env[ONEDNN] ?? ONEDNN_DEFAULT,
    datasetHash: dataset.hash,
    encoders: run.encoders,
  };
  const dataStamp = stampDataset(dataset.folder);
  const before = run.isResumed ? (readRunJson(folder, RESOLVED) as Kept | undefined) : undefined;
  const machine = describeMachine();
  if (before !== undefined) {
    assertSame(folder, before, resolved);
    await assertSameData(dataset, before.dataStamp, dataStamp);
    tellOtherProcessor(before.processor, machine.processor, run.emit);
  }
  const { device, reason } = engine;
  writeRunJson(folder, RESOLVED, {
    ...resolved,
    ...{ device, reason, seed: run.seed },
    ...machine,
    ...run.also,
    datasetFolder: dataset.folder,
    dataStamp,
    recordings: Object.fromEntries(dataset.recordings.map(({ id, poseHash }) => [id, poseHash])),
  });
  return () => assertSameStamp(dataset.folder, dataStamp);
}

function assertSame(folder: string, before: Kept, resolved: Resolved): void {
  const comparable = before.encoders === undefined ? { ...resolved, encoders: undefined } : resolved;
  const differences = compareSettings(before, { ...before, ...comparable });
  if (differences.length === 0) return;
  const lines = differences.map(
    ({ setting, before: was, after }) => `  ${setting}: ${JSON.stringify(was)} -> ${JSON.stringify(after)}`,
  );
  const differs = (name: keyof Resolved) =>
    differences.some(({ setting }) => setting === name || setting.startsWith(`${name}.`));
  const replaced = differs('datasetHash') ? 'The data set' : differs('encoders') ? 'An encoder' : null;
  throw new UserError(
    replaced === null ? 'device' : 'data',
    `${folder} can't be resumed bit for bit:\n\n${lines.join('\n')}`,
    {
      hint:
        replaced === null
          ? 'Resume where the run was started, with the versions that it was started with; or start anew under another name, from its weights: --from'
          : `${replaced} has changed since the run was started: put it back, or start anew under another name`,
    },
  );
}

/** The description names the data set; that its arrays are still the same is looked at where somebody has written. */
async function assertSameData(
  dataset: Dataset,
  before: DataStamp | undefined,
  now: DataStamp,
): Promise<void> {
  if (before !== undefined && compareSettings(before, now).length === 0) return;
  await verifyDataset(dataset.folder);
}

function tellOtherProcessor(before: string | undefined, now: string, emit: EmitEvent): void {
  if (before === undefined || before === now) return;
  const text = `this run was started on ${before}, and goes on on ${now}: the last bits may come out otherwise`;
  emit({ type: 'message', level: 'warning', text });
}

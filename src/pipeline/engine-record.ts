import type { PretrainSettings } from '../config/schema/pretrain.js';
import type { Dataset } from '../data/store/dataset.js';
import type { Device, Engine } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import { UserError } from '../errors.js';
import { compareSettings, readRunJson, writeRunJson } from './run-folder.js';

/** The engine settings of any kind of run. */
type EngineChoice = Pick<PretrainSettings['engine'], 'device' | 'threads'>;

const RESOLVED = 'resolved.json';

/** What the bits of a run depend on besides its settings. */
interface Resolved {
  readonly engine: string;
  readonly library: string;
  readonly tfjs: string;
  readonly threads: number;
  /** `0` turns oneDNN off; unset is its default. */
  readonly onednn: string;
  readonly datasetHash: string;
}

/** Starts the engine that settings ask for. @throws UserError (`device`) when it can't be had */
export function startRunEngine({ device, threads }: EngineChoice): Promise<Engine> {
  return startEngine({ device: device as Device, ...(threads === null ? {} : { threads }) });
}

/**
 * Writes `resolved.json`: engine, versions, threads, data. A resumed run must find the same.
 * @throws UserError (`device`) naming everything that differs: bits would
 */
export function keepEngine(
  folder: string,
  engine: Engine,
  run: { readonly seed: number; readonly dataset: Dataset; readonly isResumed: boolean },
): void {
  const resolved: Resolved = {
    engine: engine.name,
    library: engine.versions.library,
    tfjs: engine.versions.tfjs,
    threads: engine.threads,
    onednn: process.env.TF_ENABLE_ONEDNN_OPTS ?? 'default',
    datasetHash: run.dataset.hash,
  };
  const before = run.isResumed ? readRunJson(folder, RESOLVED) : undefined;
  if (before === undefined) {
    const { device, reason, versions } = engine;
    writeRunJson(folder, RESOLVED, {
      ...resolved,
      device,
      reason,
      node: versions.node,
      seed: run.seed,
      datasetFolder: run.dataset.folder,
    });
    return;
  }
  const differences = compareSettings(before, { ...(before as object), ...resolved });
  if (differences.length === 0) return;
  const lines = differences.map(
    ({ setting, before: was, after }) => `  ${setting}: ${JSON.stringify(was)} -> ${JSON.stringify(after)}`,
  );
  const isData = differences.some(({ setting }) => setting === 'datasetHash');
  throw new UserError(
    isData ? 'data' : 'device',
    `${folder} can't be resumed bit for bit:\n\n${lines.join('\n')}`,
    {
      hint: isData
        ? 'The data set has changed since the run was started: put it back, or start anew under another name'
        : 'Resume where the run was started (engine.threads=N sets the threads), or start anew under another name',
    },
  );
}

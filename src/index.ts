/**
 * Whisker as a library: what the commands do, called from a program. Importing it starts nothing and loads no native
 * code. A stage runs in the calling process and keeps it busy while native code computes; the commands put it into a
 * process of its own.
 *
 * @example
 * import { embed, pretrain, readDataset } from 'whisker';
 *
 * const { folder } = await pretrain({ file: 'configs/quickstart.yaml', overrides: ['name=mine'] });
 * await embed({ run: folder, data: 'checkpoints/quickstart-data/store', out: 'features' });
 * const dataset = readDataset('checkpoints/quickstart-data/store');
 * console.log(dataset.recordings.map(({ id, frames }) => `${id}: ${frames} frames`));
 * dataset.close();
 *
 * @module
 */
import { givenSettings, runFolderOf } from './commands/run-options.js';
import { loadKind, type SettingsKind } from './config/kinds.js';
import type { Dataset } from './data/store/dataset.js';
import { openDataset } from './data/store/open-dataset.js';
import type { Device } from './engine/engine.js';
import { createEmitter } from './events/emitter.js';
import type { RunEvent } from './events/event.js';
import type { EmbedSummary } from './pipeline/embed.js';
import type { FinetuneSummary } from './pipeline/finetune.js';
import type { PretrainSummary } from './pipeline/pretrain.js';
import type { RunContext } from './pipeline/run-context.js';

export type { Dataset, RecordingEntry } from './data/store/dataset.js';
export { type ErrorKind, UserError } from './errors.js';
export type { RunEvent } from './events/event.js';
export type { EmbedSummary, FinetuneSummary, PretrainSummary };

/** How a caller follows and stops a stage. */
export interface Watch {
  /** Gets every event as frozen plain data; one that throws is let go and doesn't hurt the run. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Aborted: the stage saves and ends. */
  readonly signal?: AbortSignal;
}

/** Settings of a stage, as on the command line, and the folder of its run. */
export interface Stage extends Watch {
  /** A YAML file; without one, the defaults and `overrides`. */
  readonly file?: string;
  /** `key=value` texts; later ones win. */
  readonly overrides?: readonly string[];
  /** Where `${WHISKER_NAME}` is looked up; default: nowhere. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The run's folder; default: checkpoints/NAME. */
  readonly folder?: string;
  /** What to do with a folder that is there already; default: refuse. */
  readonly existing?: 'refuse' | 'resume' | 'overwrite';
}

/**
 * Pretrains an encoder (`whisker pretrain`).
 * @throws UserError for everything that a person can mend; the folder keeps its last checkpoint
 */
export async function pretrain(stage: Stage): Promise<PretrainSummary> {
  const { runPretraining } = await import('./pipeline/pretrain.js');
  return runPretraining(prepare('pretrain', stage), createContext(stage));
}

/** Fits heads and their controls (`whisker finetune`). @throws UserError for everything that a person can mend */
export async function finetune(stage: Stage): Promise<FinetuneSummary> {
  const { runFinetuning } = await import('./pipeline/finetune.js');
  return runFinetuning(prepare('finetune', stage), createContext(stage));
}

export interface EmbedRequest extends Watch {
  /** The folder of a pretraining. */
  readonly run: string;
  /** A data set folder with the same keypoints and animals. */
  readonly data: string;
  /** Gets one file a recording, and `index.json`. */
  readonly out: string;
  readonly checkpoint?: 'best' | 'last';
  readonly format?: 'npy' | 'csv';
  readonly device?: Device;
  /** Layers whose tokens are taken; negative ones count from the end. */
  readonly layers?: readonly number[];
  /** Between windows, as a share of a window; null: half a window, or a whole one where overlaps gain nothing. */
  readonly stride?: number | null;
  readonly batchWindows?: number;
  /** Reduce features to so many principal components; null: not. */
  readonly components?: number | null;
}

/** Writes the features of every frame of every recording (`whisker embed`): [frame, feature], float32. */
export async function embed(request: EmbedRequest): Promise<EmbedSummary> {
  const { embedDataset } = await import('./pipeline/embed.js');
  const { run, data, out, checkpoint = 'last', format = 'npy', device = 'auto' } = request;
  const { layers = [-1], stride = null, batchWindows = 64, components = null } = request;
  return embedDataset(
    {
      ...{ runFolder: run, datasetFolder: data, outFolder: out },
      ...{ checkpoint, format, device, layers, stride, batchWindows, components },
    },
    createContext(request),
  );
}

/** Opens a data set folder: poses, scores and labels by recording and frames. Close it when done. */
export function readDataset(folder: string): Dataset {
  return openDataset(folder);
}

function prepare<Kind extends Extract<SettingsKind, 'pretrain' | 'finetune'>>(
  kind: Kind,
  { file, overrides = [], environment = {}, folder, existing = 'refuse' }: Stage,
) {
  const loaded = loadKind(kind, { file: file ?? null, overrides, environment });
  const { settings } = loaded;
  return {
    settings,
    given: givenSettings(loaded),
    folder: folder ?? runFolderOf(settings.name),
    policy: { resume: existing === 'resume', overwrite: existing === 'overwrite', forceUnlock: false },
  };
}

function createContext({ onEvent, signal }: Watch): RunContext {
  const emitter = createEmitter(() => new Date().toISOString());
  if (onEvent !== undefined) emitter.observe({ name: 'onEvent', receive: onEvent });
  return {
    emit: emitter.emit,
    observe: emitter.observe,
    signal: signal ?? new AbortController().signal,
    takeSaveRequest: () => false,
    untilResumed: () => Promise.resolve(),
  };
}

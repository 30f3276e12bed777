import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { HostArrays } from '../arrays.js';
import { shapeTokens } from '../data/windows/window-settings.js';
import type { Device, Engine, Step } from '../engine/engine.js';
import { startEngine } from '../engine/start.js';
import { UserError } from '../errors.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';
import { type LoadedEncoder, loadEncoder } from './load-encoder.js';
import { buildModel, type Model } from './model.js';
import { encodeSafetensors } from './safetensors.js';

/** What `whisker export` asks of the trainer: plain data. */
export interface ExportJob {
  readonly runFolder: string;
  readonly checkpoint: 'best' | 'last';
  readonly out: string;
  readonly format: 'safetensors' | 'savedmodel';
  readonly device: Device;
  /** Windows that the SavedModel takes at a time; its shapes are fixed. */
  readonly batchWindows: number;
}

/** What `whisker export` has written. */
export interface ExportSummary {
  /** The file, or the folder of the SavedModel. */
  readonly path: string;
  readonly encoderHash: string;
  readonly parameters: number;
  /** Inputs of the SavedModel by name, e.g. `float32[1, 64, 28]`. */
  readonly inputs: Readonly<Record<string, string>>;
}

/**
 * Writes the encoder of a run for other programs. They get standardised channels in, as the model card says, and
 * features out: the front-end is not part of it.
 * @throws UserError when the run has no encoder, or when there is something at `out`
 */
export async function exportEncoder(job: ExportJob): Promise<ExportSummary> {
  const encoder = loadEncoder(job.runFolder, job.checkpoint);
  if (existsSync(job.out)) {
    throw new UserError('usage', `${job.out} is there already`, {
      hint: 'Remove it or choose another --out',
    });
  }
  const common = {
    path: job.out,
    encoderHash: encoder.hash,
    parameters: Object.values(encoder.parameters).reduce((sum, { data }) => sum + data.length, 0),
  };
  if (job.format === 'safetensors') {
    makeFolder(dirname(job.out));
    writeWhole(job.out, encodeSafetensors(encoder.parameters, metadataOf(encoder)));
    return { ...common, inputs: {} };
  }
  const engine = await startEngine({ device: job.device });
  const example = encoderInputs(modelOf(encoder), job.batchWindows);
  writeSavedModel(job.out, engine, encoder, example);
  const inputs = Object.entries(example).map(([name, { shape, data }]) => [
    name,
    `${data instanceof Float32Array ? 'float32' : 'int32'}[${shape.join(', ')}]`,
  ]);
  return { ...common, inputs: Object.fromEntries(inputs) };
}

/** What a file must say about an encoder so that it can be used. */
function metadataOf({ card, hash, step }: LoadedEncoder): Readonly<Record<string, string>> {
  return { format: 'whisker encoder', card: JSON.stringify(card), encoderHash: hash, step: `${step}` };
}

/** `saved_model.pb`, and the model card where TensorFlow leaves room for other people's files. */
function writeSavedModel(folder: string, engine: Engine, loaded: LoadedEncoder, inputs: HostArrays): void {
  const { encoder } = modelOf(loaded);
  const bytes = engine.freeze(featureStep(encoder), { state: loaded.parameters, batch: inputs, scalars: {} });
  const extra = join(folder, 'assets.extra');
  try {
    makeFolder(extra);
    writeWhole(join(extra, 'model-card.json'), [
      Buffer.from(`${JSON.stringify(metadataOf(loaded), null, 2)}\n`),
    ]);
    writeWhole(join(folder, 'saved_model.pb'), [bytes]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function modelOf({ card }: LoadedEncoder): Model {
  const { dataset, skeleton, animals } = card;
  return buildModel(card.model, { name: dataset.name, skeleton, animals, tracks: [] });
}

function featureStep(encoder: Model['encoder']): Step {
  return (state, { tokens, position }) => {
    const layers = encoder.apply(state, tokens as tf.Tensor3D, position as tf.Tensor2D);
    return { state, outputs: { features: layers[layers.length - 1] } };
  };
}

/** Whole windows of zeros: tokens [window, token, channel], position [window, token]. */
function encoderInputs({ window, frontEnd, encoder }: Model, windows: number): HostArrays {
  const { tokens, channels } = shapeTokens(window, frontEnd);
  const width = channels + (encoder.tokens === 'all' ? 1 : 0);
  return {
    tokens: { shape: [windows, tokens, width], data: new Float32Array(windows * tokens * width) },
    position: {
      shape: [windows, tokens],
      data: Int32Array.from({ length: windows * tokens }, (_, row) => row % tokens),
    },
  };
}

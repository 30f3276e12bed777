import { statSync } from 'node:fs';
import { sizeOf } from '../arrays.js';
import { type CheckpointContents, inspectCheckpoint } from '../checkpoint/checkpoint.js';
import { printableLine } from '../events/printable.js';
import { type ModelCard, readCard } from '../pipeline/model-card.js';
import { formatBytes, formatCount } from '../ui/format.js';
import { CHECKPOINT_POSITIONAL, checkpointFile } from './checkpoint-file.js';
import { defineCommand } from './command.js';
import { formatColumns } from './output.js';
import { quoteForShell } from './shell-words.js';

/** Tensors of the optimiser and of objectives are listed on demand only. */
const ENCODER = /^encoder\//;

export default defineCommand({
  positionals: { checkpoint: CHECKPOINT_POSITIONAL },
  options: {
    all: { type: 'boolean', default: false, describe: 'list every tensor, and the settings' },
  },
  example: ['$0 checkpoint inspect checkpoints/quickstart', 'what a checkpoint holds; numbers are not read'],
  async run({ checkpoint, all }, { output }) {
    const file = checkpointFile(checkpoint);
    const contents = inspectCheckpoint(file);
    output.result({ file, ...contents }, () => describe(file, contents, all));
    output.next(`whisker checkpoint verify ${quoteForShell(checkpoint)}`);
  },
});

function describe(file: string, contents: CheckpointContents, all: boolean): string {
  const { kind, step, version, tensors, settings, progress, checksum } = contents;
  const encoder = tensors.filter(({ name }) => ENCODER.test(name));
  const numbers = encoder.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const facts = formatColumns([
    ['file', file],
    ['kind', `${printableLine(kind)}, format ${version}`],
    ['step', `${step}`],
    ['size', formatBytes(statSync(file).size)],
    ['sha256', checksum],
    ...describeCard(readCard(settings)),
    ['encoder', `${formatCount(numbers)} numbers in ${encoder.length} tensors`],
    ['all tensors', `${tensors.length}`],
    ['progress', printableLine(JSON.stringify(progress))],
  ]);
  const shown = all ? tensors : encoder;
  const rows = shown.map(({ name, shape, dtype }) => [printableLine(name), `[${shape.join(', ')}]`, dtype]);
  const parts = [facts, formatColumns([['tensor', 'shape', 'type'], ...rows])];
  return [...parts, ...(all ? [printableLine(JSON.stringify(settings))] : [])].join('\n\n');
}

/** What the encoder is and has learned from; nothing for weights of another kind. */
function describeCard(card: ModelCard | null): string[][] {
  if (card === null) return [];
  const { model, skeleton, animals, dataset, recordings } = card;
  const { framesPerSecond, windowFrames, patchFrames } = model.window;
  const rate = framesPerSecond === null ? 'the data set’s rate' : `${framesPerSecond} frames/s`;
  return [
    ['encoder type', model.encoder.type],
    ['windows', `${windowFrames} frames at ${rate}, tokens of ${patchFrames}`],
    ['animals', `${animals.names.join(', ')} (${animals.identity})`],
    ['keypoints', skeleton.keypoints.join(', ')],
    ['learned from', `${recordings.length} recordings of ${dataset.name}, ${dataset.hash}`],
  ].map(([name, text]) => [name, printableLine(text)]);
}

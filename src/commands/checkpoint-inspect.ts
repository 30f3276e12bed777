import { statSync } from 'node:fs';
import { sizeOf } from '../arrays.js';
import { inspectCheckpoint } from '../checkpoint/checkpoint.js';
import type { FileHeader } from '../checkpoint/format.js';
import { printableLine } from '../events/printable.js';
import { formatBytes, formatCount } from '../ui/format.js';
import { CHECKPOINT_POSITIONAL, checkpointFile } from './checkpoint-file.js';
import { defineCommand } from './command.js';
import { quoteForShell } from './next-command.js';
import { formatColumns } from './output.js';

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
    const header = inspectCheckpoint(file);
    output.result({ file, ...header }, () => describe(file, header, all));
    output.next(`whisker checkpoint verify ${quoteForShell(checkpoint)}`);
  },
});

function describe(file: string, header: FileHeader, all: boolean): string {
  const { kind, step, version, tensors, settings, progress } = header;
  const encoder = tensors.filter(({ name }) => ENCODER.test(name));
  const numbers = encoder.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const facts = formatColumns([
    ['file', file],
    ['kind', `${printableLine(kind)}, format ${version}`],
    ['step', `${step}`],
    ['size', formatBytes(statSync(file).size)],
    ['encoder', `${formatCount(numbers)} numbers in ${encoder.length} tensors`],
    ['all tensors', `${tensors.length}`],
    ['progress', printableLine(JSON.stringify(progress))],
  ]);
  const shown = all ? tensors : encoder;
  const rows = shown.map(({ name, shape, dtype }) => [printableLine(name), `[${shape.join(', ')}]`, dtype]);
  const parts = [facts, formatColumns([['tensor', 'shape', 'type'], ...rows])];
  return [...parts, ...(all ? [printableLine(JSON.stringify(settings))] : [])].join('\n\n');
}

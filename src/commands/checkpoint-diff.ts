import type { HostArray } from '../arrays.js';
import { type Checkpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { listDifferences } from '../config/list-differences.js';
import { printableLine } from '../events/printable.js';
import { CHECKPOINT_POSITIONAL, checkpointFile } from './checkpoint-file.js';
import { defineCommand } from './command.js';
import { formatColumns } from './output.js';
import { quoteForShell } from './shell-words.js';

/** How a tensor differs; `largest` is the largest absolute difference where both have the same shape. */
interface TensorDifference {
  readonly name: string;
  readonly one: string;
  readonly other: string;
  readonly largest: number | null;
}

export default defineCommand({
  positionals: { one: CHECKPOINT_POSITIONAL, other: { ...CHECKPOINT_POSITIONAL, describe: 'another' } },
  options: {},
  example: [
    '$0 checkpoint diff checkpoints/quickstart checkpoints/quickstart',
    'whether two hold the same bits, and what differs',
  ],
  async run({ one, other }, { output }) {
    const files = [checkpointFile(one), checkpointFile(other)];
    const [first, second] = files.map(readCheckpoint);
    const difference = compare(first, second);
    output.result({ files, ...difference }, () => {
      const { header, tensors } = difference;
      if (header.length === 0 && tensors.length === 0) return 'The same bits.';
      return formatColumns([
        ['', ...files, 'largest difference'],
        ...header.map(({ path, one, other }) => [path, one, other, '']),
        ...tensors.map(({ name, one, other, largest }) => [
          printableLine(name),
          one,
          other,
          largest === null ? '' : largest.toExponential(2),
        ]),
      ]);
    });
    output.next(`whisker checkpoint inspect ${quoteForShell(one)}`);
  },
});

function compare(one: Checkpoint, other: Checkpoint) {
  const header = listDifferences(one.header, other.header).map(({ path, one, other }) => ({
    path: printableLine(path),
    one: printableLine(one),
    other: printableLine(other),
  }));
  const names = [...new Set([...Object.keys(one.tensors), ...Object.keys(other.tensors)])].sort();
  const tensors = names.flatMap((name) => compareTensors(name, one.tensors[name], other.tensors[name]) ?? []);
  return { header, tensors };
}

/** Null where both are the same, bit for bit. */
function compareTensors(
  name: string,
  one: HostArray | undefined,
  other: HostArray | undefined,
): TensorDifference | null {
  const told = { name, one: describe(one), other: describe(other) };
  if (one === undefined || other === undefined || told.one !== told.other) return { ...told, largest: null };
  if (bytesOf(one).equals(bytesOf(other))) return null;
  let largest = 0;
  for (let at = 0; at < one.data.length; at++) {
    largest = Math.max(largest, Math.abs(one.data[at] - other.data[at]));
  }
  return { ...told, largest };
}

function describe(tensor: HostArray | undefined): string {
  if (tensor === undefined) return 'not there';
  return `${tensor.data instanceof Int32Array ? 'int32' : 'float32'} [${tensor.shape.join(', ')}]`;
}

function bytesOf({ data }: HostArray): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

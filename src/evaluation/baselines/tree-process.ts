import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.js';

/** How trees are grown: plain data, handed to scikit-learn's HistGradientBoostingClassifier. */
export interface TreeOptions {
  readonly learningRate: number;
  /** The most leaves of a tree. */
  readonly leaves: number;
  /** The fewest training frames of a leaf. */
  readonly leafFrames: number;
  /** L2 on the values of leaves. */
  readonly strength: number;
  /** Share of the inputs that each split may choose from. */
  readonly featureShare: number;
  readonly classWeights: 'balanced' | null;
  readonly seed: number;
}

/** A Python process that grows trees; one request at a time. */
export interface TreeProcess {
  /** Of scikit-learn. */
  readonly version: string;
  /** Hands over the training frames. @param chunks [frame, width] in pieces @param labels [frame] */
  train(chunks: Iterable<Float32Array>, width: number, labels: Int16Array, classCount: number): Promise<void>;
  /** Grows trees on these rows of the training frames. */
  fit(iterations: number, rows: Uint32Array): Promise<void>;
  /** Probabilities of training frames after so many iterations: [row, class] for each of `at`. */
  staged(at: readonly number[], rows: Uint32Array): Promise<Float32Array[]>;
  /** Probabilities of other frames, [frame, class]. @param inputs [frame, width] */
  predict(inputs: Float32Array): Promise<Float32Array>;
  dispose(): void;
}

const SCRIPT = fileURLToPath(new URL('../../../scripts/boosted-trees.py', import.meta.url));
const STDERR_CHARACTERS = 4000;

/**
 * Starts Python with scikit-learn.
 * @param python the interpreter, e.g. `python3` or the one of a virtual environment
 * @throws UserError (`device`) when the interpreter or scikit-learn isn't there
 */
export async function startTrees(python: string, options: TreeOptions): Promise<TreeProcess> {
  const child = spawn(python, [SCRIPT, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Threads that wait by spinning starve everything else on a busy machine.
    env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' },
  });
  const talk = openTalk(child, python);
  const { version } = JSON.parse(await talk.line()) as { version: string };
  let width = 0;
  let classes = 0;
  return {
    version,
    async train(chunks, channels, labels, classCount) {
      [width, classes] = [channels, classCount];
      await talk.ask({ op: 'train', frames: labels.length, width, classes });
      for (const chunk of chunks) await talk.send(chunk);
      await talk.send(labels);
      await talk.line();
    },
    async fit(iterations, rows) {
      await talk.ask({ op: 'fit', iterations, rows: rows.length });
      await talk.send(rows);
      await talk.line();
    },
    async staged(at, rows) {
      await talk.ask({ op: 'staged', at, rows: rows.length });
      await talk.send(rows);
      await talk.line();
      const found: Float32Array[] = [];
      for (const _ of at) found.push(await talk.floats(rows.length * classes));
      return found;
    },
    async predict(inputs) {
      const frames = inputs.length / width;
      await talk.ask({ op: 'predict', frames });
      await talk.send(inputs);
      await talk.line();
      return talk.floats(frames * classes);
    },
    dispose: () => child.kill(),
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Lines and numbers to and from the child; its end, where one is waited for, is an error that says why. */
function openTalk(child: Child, python: string) {
  let complaint = '';
  let failure: Error | null = null;
  let pieces: Buffer[] = [];
  let size = 0;
  let wake: () => void = () => {};
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-STDERR_CHARACTERS);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    pieces.push(chunk);
    size += chunk.length;
    wake();
  });
  child.stdin.on('drain', () => wake());
  child.stdin.on('error', () => {}); // the child's end tells more
  child.on('error', (error) => {
    failure ??= explain(python, error as NodeJS.ErrnoException, '');
    wake();
  });
  child.on('close', () => {
    failure ??= explain(python, null, complaint);
    wake();
  });
  const until = async (isThere: () => boolean) => {
    while (!isThere()) {
      if (failure !== null) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const take = (count: number): Buffer => {
    const whole = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    pieces = count < whole.length ? [whole.subarray(count)] : [];
    size -= count;
    return whole.subarray(0, count);
  };
  const send = async (values: NodeJS.ArrayBufferView) => {
    if (failure !== null) throw failure;
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    child.stdin.write(bytes);
    // A buffer of the stream's must not change later: big arrays are handed over before the next is made.
    await until(() => child.stdin.writable && !child.stdin.writableNeedDrain);
  };
  return {
    send,
    ask: (request: unknown) => send(Buffer.from(`${JSON.stringify(request)}\n`)),
    async line() {
      await until(() => pieces.some((piece) => piece.includes(10)));
      const whole = Buffer.concat(pieces);
      pieces = [whole];
      return take(whole.indexOf(10) + 1).toString('utf8');
    },
    async floats(count: number) {
      await until(() => size >= 4 * count);
      return new Float32Array(new Uint8Array(take(4 * count)).buffer);
    },
  };
}

function explain(python: string, error: NodeJS.ErrnoException | null, complaint: string): UserError {
  const remedy =
    'Install it (python3 -m pip install scikit-learn, in a virtual environment where Python asks for one), name its ' +
    'interpreter in boostedTrees.python, or leave boosted-trees out of rows';
  if (error?.code === 'ENOENT') {
    return new UserError('device', `boosted-trees needs Python: ${python} was not found`, { hint: remedy });
  }
  const missing = /No module named '(\w+)/.exec(complaint)?.[1];
  if (missing !== undefined) {
    const name = missing === 'sklearn' ? 'scikit-learn' : missing;
    return new UserError('device', `boosted-trees needs ${name}, which ${python} doesn't have`, {
      hint: remedy,
    });
  }
  const said = error?.message ?? (complaint.trim() || 'it ended without a word (out of memory?)');
  return new UserError('failure', `boosted-trees: ${python} failed: ${said}`);
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/arrays.js';
import { exportEncoder } from '../../src/pipeline/export.js';
import { loadEncoder } from '../../src/pipeline/load-encoder.js';
import { startCpu } from '../engine/installed.js';
import { writeUntrainedRun } from '../pipeline/untrained-run.js';
import { sines } from '../reference/sines.js';

const isShort = process.env.WHISKER_LONG_TESTS !== '1';
const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const environment = join(caches, 'whisker', 'export-readers');
const python = join(environment, 'bin', 'python');

function call(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed:\n${stderr.slice(-2000)}`);
  return stdout;
}

const READ_SAFETENSORS = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], "numpy") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    print(json.dumps(dict(metadata=file.metadata(),
        tensors={name: [list(t.shape), str(t.dtype), t.ravel().tolist()] for name, t in tensors.items()})))
`;

const RUN_SAVED_MODEL = `
import json, sys
import numpy, tensorflow as tf
folder, size = sys.argv[1], json.loads(sys.argv[2])
tokens = numpy.sin(numpy.arange(numpy.prod(size), dtype=numpy.float64)).astype(numpy.float32).reshape(size)
position = numpy.tile(numpy.arange(size[1], dtype=numpy.int32), (size[0], 1))
serving = tf.saved_model.load(folder).signatures["serving_default"]
features = serving(tokens=tf.constant(tokens), position=tf.constant(position))["features"].numpy()
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], folder)
    signature = meta.signature_def["serving_default"]
    old = session.run(signature.outputs["features"].name,
        {signature.inputs["tokens"].name: tokens, signature.inputs["position"].name: position})
print(json.dumps(dict(shape=features.shape, features=features.ravel().tolist(), old=old.ravel().tolist())))
`;

describe.skipIf(isShort)('exported encoders in Python', () => {
  const folder = mkdtempSync(join(tmpdir(), 'export-'));
  const runFolder = join(folder, 'run');

  beforeAll(() => {
    writeUntrainedRun(runFolder);
    if (!existsSync(python)) call('python3', '-m', 'venv', environment);
    call(python, '-m', 'pip', 'install', '--quiet', 'numpy', 'safetensors==0.*', 'tensorflow-cpu==2.*');
  }, 1_200_000);

  it('safetensors reads the parameters and the card', async () => {
    const out = join(folder, 'encoder.safetensors');
    await exportEncoder({
      runFolder,
      out,
      format: 'safetensors',
      device: 'cpu',
      batchWindows: 1,
      checkpoint: 'last',
    });
    const { metadata, tensors } = JSON.parse(call(python, '-c', READ_SAFETENSORS, out));
    const { parameters, card } = loadEncoder(runFolder, 'last');
    expect(JSON.parse(metadata.card)).toEqual(card);
    const expected = Object.entries(parameters).map(([name, { shape, data }]) => [
      name,
      [shape, 'float32', Array.from(data)],
    ]);
    expect(tensors).toEqual(Object.fromEntries(expected));
  });

  it.each(['transformer', 'temporalConv'])('TensorFlow runs the SavedModel of a %s', async (type) => {
    const encoders = {
      transformer: [],
      temporalConv: ['encoder={type: temporalConv, width: 16, dilations: [1, 2]}'],
    };
    const ownRun = join(folder, type);
    const { encoder } = writeUntrainedRun(ownRun, encoders[type as keyof typeof encoders]);
    const out = join(folder, `${type}-saved-model`);
    const made = await exportEncoder({
      runFolder: ownRun,
      checkpoint: 'last',
      out,
      format: 'savedmodel',
      device: 'cpu',
      batchWindows: 3,
    });
    const size = JSON.parse(made.inputs.tokens.replace('float32', '')) as [number, number, number];
    const script = join(folder, 'run.py');
    writeFileSync(script, RUN_SAVED_MODEL);
    const { shape, features, old } = JSON.parse(call(python, script, out, JSON.stringify(size)));

    const { tf } = await startCpu();
    const { parameters } = loadEncoder(ownRun, 'last');
    const held = Object.fromEntries(
      Object.entries(parameters).map(([name, array]) => [
        name,
        tf.tensor(array.data as Float32Array, [...array.shape]),
      ]),
    );
    const [windows, count] = size;
    const numbers = Int32Array.from({ length: windows * count }, (_, row) => row % count);
    const tokens = tf.tensor3d(sines(sizeOf(size)), size);
    const layers = encoder.apply(held, tokens, tf.tensor2d(numbers, [windows, count], 'int32'));
    const expected = layers[layers.length - 1];
    expect(shape).toEqual(expected.shape);
    const values = expected.dataSync();
    const farthest = (actual: readonly number[]) =>
      Math.max(...actual.map((value, index) => Math.abs(value - values[index])));
    expect(farthest(features)).toBeLessThan(1e-5);
    expect(farthest(old)).toBeLessThan(1e-5);
    const card = JSON.parse(readFileSync(join(out, 'assets.extra', 'model-card.json'), 'utf8'));
    expect(JSON.parse(card.card)).toEqual(loadEncoder(ownRun, 'last').card);
  });
});

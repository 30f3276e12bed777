/** Runs a written program in a session of the native library; its state lives in the session's variables. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostArray, HostArrays } from '../arrays.js';
import { elementTypeNumber } from './element-types.js';
import type { OutputInfo } from './engine.js';
import { SAVED_MODEL_TAG } from './graph.js';
import { elementTypeOf } from './layout.js';
import type { NativeBinding } from './native.js';
import type { Runner, Signature } from './program.js';
import { withQuietStderr } from './quiet-stderr.js';
import { graphNames } from './write-program.js';

/**
 * @param savedModel the bytes of `saved_model.pb`
 * @param state the first state
 */
export function makeNativeRunner(
  binding: NativeBinding,
  savedModel: Uint8Array,
  signature: Signature,
  outputs: readonly OutputInfo[],
  state: HostArrays,
): Runner {
  const model = loadModel(binding, savedModel);
  const outputIndex = new Map(outputs.map(({ name }, index) => [name, index]));
  const stepInputs = [
    ...signature.batch.map((_, index) => graphNames.batch(index)),
    ...signature.scalars.map((_, index) => graphNames.scalar(index)),
  ];
  const stateNames = signature.state.map(({ name }) => name);

  const runner: Runner = {
    outputs,
    run(batch, scalars, fetch) {
      const feeds = [
        ...signature.batch.map(({ name }) => batch[name] as HostArray),
        ...signature.scalars.map((name) => ({ shape: [], data: Float32Array.of(scalars[name] as number) })),
      ];
      const fetches = fetch.map((name) => graphNames.output(outputIndex.get(name) as number));
      const values = runModel(binding, model, stepInputs, feeds, [...fetches, graphNames.stepped]);
      return Object.fromEntries(fetch.map((name, index) => [name, values[index] as HostArray]));
    },
    read() {
      if (stateNames.length === 0) return {};
      const values = runModel(
        binding,
        model,
        [],
        [],
        stateNames.map((_, index) => graphNames.read(index)),
      );
      return Object.fromEntries(stateNames.map((name, index) => [name, values[index] as HostArray]));
    },
    write(written) {
      const indices = stateNames.flatMap((name, index) => (written[name] === undefined ? [] : [index]));
      if (indices.length === 0) return;
      const feeds = indices.map((index) => written[stateNames[index] as string] as HostArray);
      runModel(binding, model, indices.map(graphNames.toWrite), feeds, indices.map(graphNames.written));
    },
    dispose() {
      binding.deleteSavedModel(model);
    },
  };
  runner.write(state);
  return runner;
}

/** The library loads programs from a folder; it is gone again once they are loaded. */
function loadModel(binding: NativeBinding, savedModel: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'whisker-program-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), savedModel, { mode: 0o600 });
    return withQuietStderr(() => binding.loadSavedModel(folder, SAVED_MODEL_TAG)).result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runModel(
  binding: NativeBinding,
  model: number,
  inputs: readonly string[],
  feeds: readonly HostArray[],
  outputs: readonly string[],
): HostArray[] {
  const fed: number[] = [];
  try {
    for (const feed of feeds) {
      fed.push(binding.createTensor(feed.shape, elementTypeNumber(elementTypeOf(feed)), feed.data));
    }
    const results = binding.runSavedModel(
      model,
      fed,
      inputs.map((name) => `${name}:0`).join(','),
      outputs.map((name) => `${name}:0`).join(','),
    );
    return results.map(({ id, shape }) => {
      const data = binding.tensorDataSync(id) as Float32Array | Int32Array;
      binding.deleteTensor(id);
      return { shape, data };
    });
  } finally {
    for (const id of fed) binding.deleteTensor(id);
  }
}

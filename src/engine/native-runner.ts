/** Runs a written program in a session of the native library; its state lives in the session's variables. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostArray } from '../arrays.js';
import { UserError } from '../errors.js';
import { elementTypeNumber } from './element-types.js';
import type { Example, OutputInfo } from './engine.js';
import { SAVED_MODEL_TAG } from './graph.js';
import { elementTypeOf } from './layout.js';
import type { NativeBinding, NativeTf, TensorMetadata } from './native.js';
import type { Runner, Signature } from './program.js';
import { emptyProgramFolder } from './program-folder.js';
import { withQuietStderr } from './quiet-stderr.js';
import { graphNames } from './write-program.js';

/**
 * Loads a program and runs it once, which is when XLA compiles; then gives it its first state.
 * @param savedModel the bytes of `saved_model.pb`
 * @throws UserError (`device`) when the library refuses the program or runs out of memory
 */
export async function makeNativeRunner(
  native: Pick<NativeTf, 'binding' | 'programFolder'>,
  savedModel: Uint8Array,
  signature: Signature,
  outputs: readonly OutputInfo[],
  example: Example,
): Promise<Runner> {
  const { binding, programFolder } = native;
  const open = (): Runner => {
    const runner = openRunner(binding, loadModel(binding, savedModel), signature, outputs);
    try {
      runner.write(example.state);
      runner.run(example.batch, example.scalars, outputs.map(({ name }) => name).sort());
      runner.write(example.state);
      return runner;
    } catch (error) {
      runner.dispose();
      throw error;
    }
  };
  try {
    return open();
  } catch (error) {
    // A program that was kept by an earlier process may be damaged; without any, XLA compiles anew.
    if (programFolder !== undefined && (await emptyProgramFolder(programFolder))) return open();
    throw error;
  }
}

function openRunner(
  binding: NativeBinding,
  model: number,
  signature: Signature,
  outputs: readonly OutputInfo[],
): Runner {
  const outputIndex = new Map(outputs.map(({ name }, index) => [name, index]));
  const stepInputs = [
    ...signature.batch.map((_, index) => graphNames.batch(index)),
    ...signature.scalars.map((_, index) => graphNames.scalar(index)),
  ];
  const stateNames = signature.state.map(({ name }) => name);

  return {
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
    const results = runNamed(
      binding,
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

function runNamed(
  binding: NativeBinding,
  model: number,
  fed: readonly number[],
  inputs: string,
  outputs: string,
): TensorMetadata[] {
  try {
    return binding.runSavedModel(model, fed, inputs, outputs);
  } catch (error) {
    const text = (error as Error).message;
    const isMemory = /RESOURCE_EXHAUSTED|OOM|out of memory/i.test(text);
    throw new UserError('device', `The engine could not run the program: ${text}`, {
      ...(isMemory ? { hint: 'Use a smaller batch, shorter windows or a narrower encoder' } : {}),
      cause: error,
    });
  }
}

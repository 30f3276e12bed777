/** Runs a written program in a session of the native library; its state lives in the session's variables. */
import type { HostArray } from '../arrays.js';
import { UserError } from '../errors.js';
import type { Example, OutputInfo } from './engine.js';
import type { NativeTf } from './native.js';
import type { Runner, Signature } from './program.js';
import { emptyProgramFolder } from './program-folder.js';
import { Session } from './session.js';
import { graphNames } from './write-program.js';

/** A written program, and what is needed to run it. */
export interface WrittenProgram {
  /** The bytes of `saved_model.pb`. */
  readonly savedModel: Uint8Array;
  readonly isForGpu: boolean;
  readonly signature: Signature;
  readonly outputs: readonly OutputInfo[];
}

/**
 * Loads a program and runs it once, which is when XLA compiles; then gives it its first state.
 * @throws UserError (`device`) when the library refuses the program or runs out of memory
 */
export async function makeNativeRunner(
  native: Pick<NativeTf, 'binding' | 'programFolder'>,
  written: WrittenProgram,
  example: Example,
): Promise<Runner> {
  const { binding, programFolder } = native;
  const open = (): Runner => {
    const runner = openRunner(new Session(binding, written.savedModel, written.isForGpu), written);
    try {
      runner.write(example.state);
      runner.run(example.batch, example.scalars, written.outputs.map(({ name }) => name).sort());
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
    if (error instanceof UserError && error.kind !== 'device') throw error;
    // A program that was kept by an earlier process may be damaged; without any, XLA compiles anew.
    if (programFolder !== undefined && (await emptyProgramFolder(programFolder))) return open();
    throw error;
  }
}

function openRunner(session: Session, { signature, outputs }: WrittenProgram): Runner {
  const outputIndex = new Map(outputs.map(({ name }, index) => [name, index]));
  const stepInputs = [
    ...signature.batch.map((_, index) => graphNames.batch(index)),
    ...signature.scalars.map((_, index) => graphNames.scalar(index)),
  ];
  const stateNames = signature.state.map(({ name }) => name);
  const stateReads = stateNames.map((_, index) => graphNames.read(index));

  return {
    outputs,
    run(batch, scalars, fetch) {
      const feeds = [
        ...signature.batch.map(({ name }) => batch[name] as HostArray),
        ...signature.scalars.map((name) => ({ shape: [], data: Float32Array.of(scalars[name] as number) })),
      ];
      const fetches = fetch.map((name) => graphNames.output(outputIndex.get(name) as number));
      const values = session.run(stepInputs, feeds, [...fetches, graphNames.stepped]);
      return Object.fromEntries(fetch.map((name, index) => [name, values[index] as HostArray]));
    },
    read() {
      if (stateNames.length === 0) return {};
      const values = session.run([], [], stateReads);
      return Object.fromEntries(stateNames.map((name, index) => [name, values[index] as HostArray]));
    },
    write(state) {
      const indices = stateNames.flatMap((name, index) => (state[name] === undefined ? [] : [index]));
      if (indices.length === 0) return;
      const feeds = indices.map((index) => state[stateNames[index] as string] as HostArray);
      session.run(indices.map(graphNames.toWrite), feeds, indices.map(graphNames.written));
    },
    dispose() {
      session.dispose();
    },
  };
}

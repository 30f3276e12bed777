/** What all programs share: checking names, shapes and dtypes at every call, and refusing calls after `dispose`. */
import type { HostArrays } from '../arrays.js';
import { UserError } from '../errors.js';
import type { Example, Mode, OutputInfo, Precision, Program } from './engine.js';
import { type ArrayLayout, assertKnownNames, checkArrays, layoutsOf } from './layout.js';

/** The fixed interface of a program. */
export interface Signature {
  readonly state: readonly ArrayLayout[];
  readonly batch: readonly ArrayLayout[];
  readonly scalars: readonly string[];
}

/** A program without checks: its callers keep to the signature. */
export interface Runner {
  readonly outputs: readonly OutputInfo[];
  run(batch: HostArrays, scalars: Readonly<Record<string, number>>, fetch: readonly string[]): HostArrays;
  read(): HostArrays;
  write(state: HostArrays): void;
  dispose(): void;
}

export function signatureOf(example: Example): Signature {
  return {
    state: layoutsOf(example.state, 'state'),
    batch: layoutsOf(example.batch, 'batch'),
    scalars: Object.keys(example.scalars).sort(),
  };
}

export function makeProgram(
  signature: Signature,
  runner: Runner,
  how: { readonly mode: Mode; readonly precision: Precision; readonly reason: string },
): Program {
  const allOutputs = runner.outputs.map((output) => output.name);
  const scalarLayouts = signature.scalars.map((name) => ({ name }));
  let isDisposed = false;
  const assertUsable = (): void => {
    if (isDisposed)
      throw new UserError('failure', 'This program was disposed of and can not be used any more');
  };
  return {
    ...how,
    outputs: runner.outputs,
    run(batch, scalars, fetch = allOutputs) {
      assertUsable();
      checkArrays('batch', signature.batch, batch);
      checkScalars(signature.scalars, scalars);
      assertKnownNames('scalars', scalarLayouts, Object.keys(scalars));
      assertKnownNames('outputs', runner.outputs, fetch);
      return runner.run(batch, scalars, [...new Set(fetch)].sort());
    },
    read() {
      assertUsable();
      return runner.read();
    },
    write(state) {
      assertUsable();
      checkArrays('state', signature.state, state, true);
      runner.write(state);
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      runner.dispose();
    },
  };
}

function checkScalars(names: readonly string[], scalars: Readonly<Record<string, number>>): void {
  for (const name of names) {
    if (typeof scalars[name] !== 'number') {
      throw new UserError('failure', `scalars.${name} must be a number, got ${String(scalars[name])}`);
    }
  }
}

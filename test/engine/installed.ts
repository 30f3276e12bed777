import { type Engine, startEngine } from '../../src/engine/engine.js';
import { findEngine } from '../../src/engine/install.js';

const installed = await findEngine('cpu');

/** Why the tests of the native engine are skipped, if they are. */
export const isNativeEngineMissing = installed?.addon === undefined;

if (isNativeEngineMissing)
  console.log('skipped: the cpu engine is not installed (whisker engine install cpu)');

/** The one engine of this test process. */
export const startCpu = (): Promise<Engine> => startEngine({ device: 'cpu' });

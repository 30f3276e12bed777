import { type Engine, startEngine } from '../../src/engine/engine.js';
import { findEngine } from '../../src/engine/install.js';

/** `scripts/test-gpu` asks for the GPU. */
const device = process.env.WHISKER_TEST_DEVICE === 'cuda' ? 'cuda' : 'cpu';
// The CUDA libraries compute on the CPU too.
const installed = (await findEngine(device)) ?? (await findEngine('cuda'));

/** Why the tests of the native engine are skipped, if they are. */
export const isNativeEngineMissing = installed?.addon === undefined;

if (isNativeEngineMissing)
  console.log(`skipped: the ${device} engine is not installed (whisker engine install ${device})`);

/** The one engine of this test process. */
export const startCpu = (): Promise<Engine> => startEngine({ device });

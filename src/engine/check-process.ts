/** The child of `checkEngine`: starts the engine named by its first argument and reports to its parent. */
import { UserError } from '../errors.js';
import { type EngineCheck, isAccurate, measureError } from './check.js';
import { type Device, startEngine } from './engine.js';

async function check(device: Device): Promise<EngineCheck> {
  try {
    const engine = await startEngine({ device });
    const largestError = await measureError(engine);
    if (!isAccurate(largestError)) {
      return { device, isFine: false, problem: `The engine computes wrongly: off by ${largestError}` };
    }
    const { name, reason, versions, threads } = engine;
    return { device, isFine: true, name, does: engine.device, reason, versions, threads, largestError };
  } catch (error) {
    const { message, hint } = error as UserError;
    const remedy = error instanceof UserError && hint !== undefined ? { remedy: hint } : {};
    return { device, isFine: false, problem: message, ...remedy };
  }
}

const result = await check(process.argv[2] as Device);
process.send?.(result, () => process.disconnect());

/** The engine that runs wherever npm does: tfjs' WebAssembly backend, op by op. */
import { UserError } from '../errors.js';
import type { Engine } from './engine.js';

export async function startPortable(reason: string): Promise<Engine> {
  throw new UserError('device', `The portable engine is not built yet (${reason})`);
}

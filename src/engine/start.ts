import type { Engine, StartOptions } from './engine.js';

/**
 * Starts the engine for a device. One engine per process.
 * @throws UserError (`device`) when an explicitly named device can't be had.
 */
export async function startEngine(options: StartOptions): Promise<Engine> {
  throw new Error(`not built yet: ${options.device}`);
}

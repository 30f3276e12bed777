import { nearest } from '../config/nearest.js';
import type { Device } from '../engine/engine.js';
import { UserError } from '../errors.js';

/** A number from 0 on. @throws UserError (`usage`) */
export function requireAmount(option: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UserError('usage', `--${option} must be a number from 0 on, got ${value}`);
}

/** A whole number. @throws UserError (`usage`) */
export function requireCount(option: string, value: number, least = 1): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UserError('usage', `--${option} must be a whole number from ${least} on, got ${value}`);
}

/** What `--device` takes, for help texts. */
export const DEVICES = 'auto, cpu, cuda, cuda:NUMBER or portable';

/** @throws UserError (`usage`) for a device that there isn't */
export function requireDevice(text: string): Device {
  if (/^(auto|cpu|cuda|cuda:\d+|portable)$/.test(text)) return text as Device;
  const meant = text === 'gpu' ? 'cuda' : nearest(text, ['auto', 'cpu', 'cuda', 'portable']);
  const hint = meant === undefined ? {} : { hint: `Did you mean --device ${meant}?` };
  throw new UserError('usage', `--device must be ${DEVICES}, got ${text}`, hint);
}

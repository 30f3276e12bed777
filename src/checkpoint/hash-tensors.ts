import { createHash } from 'node:crypto';
import type { HostArrays } from '../arrays.js';

/** sha256 over names, shapes and bits of tensors, in the order of their names. */
export function hashTensors(tensors: HostArrays): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name];
    hash.update(`${name} ${data.constructor.name} [${shape}]\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

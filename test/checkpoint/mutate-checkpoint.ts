import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { readCheckpoint, verifyCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { UserError } from '../../src/errors.js';
import type { Random } from '../../src/random.js';

/** A few bytes changed, cut out, doubled or put in, or the rest cut off. */
function mutate(original: Buffer, random: Random): Buffer {
  const at = random.integer(original.length);
  const length = 1 + random.integer(8);
  const noise = Buffer.from(Array.from({ length }, () => random.integer(256)));
  const [before, after] = [original.subarray(0, at), original.subarray(at)];
  switch (random.integer(5)) {
    case 0:
      return Buffer.concat([before, noise, after.subarray(length)]);
    case 1:
      return Buffer.concat([before, after.subarray(length)]);
    case 2:
      return Buffer.concat([before, noise, after]);
    case 3:
      return Buffer.concat([before, after.subarray(0, length), after]);
    default:
      return Buffer.from(before);
  }
}

/** Expects mutations of a checkpoint to be refused by every reader. @returns how many differed from it */
export function readDamaged(good: string, path: string, random: Random, count: number): number {
  const original = readFileSync(good);
  let different = 0;
  for (let number = 0; number < count; number++) {
    const mutated = mutate(original, random);
    if (mutated.equals(original)) continue;
    different++;
    writeFileSync(path, mutated);
    for (const read of [readCheckpoint, verifyCheckpoint]) {
      expect(() => read(path), `mutation ${number}`).toThrow(UserError);
    }
  }
  return different;
}

/** Expects mutations whose checksum was made to fit to be refused, or to hold tensors of the shapes that they claim. */
export function readCrafted(good: string, path: string, random: Random, count: number) {
  const original = readFileSync(good);
  const counts = { refused: 0, accepted: 0 };
  for (let number = 0; number < count; number++) {
    const body = mutate(original, random).subarray(0, -32);
    writeFileSync(path, Buffer.concat([body, createHash('sha256').update(body).digest()]));
    try {
      const { tensors } = readCheckpoint(path);
      for (const { shape, data } of Object.values(tensors)) {
        expect(data.length).toBe(shape.reduce((size, extent) => size * extent, 1));
      }
      counts.accepted++;
    } catch (error) {
      expect(error, `mutation ${number}`).toBeInstanceOf(UserError);
      counts.refused++;
    }
  }
  return counts;
}

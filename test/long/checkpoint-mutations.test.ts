import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/random.js';
import { readCrafted, readDamaged } from '../checkpoint/mutate-checkpoint.js';

const GOOD = fileURLToPath(new URL('../fixtures/checkpoint-v1.whisker', import.meta.url));

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1')('10,000 damaged or crafted checkpoints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whisker-mutations-'));
  const path = join(folder, 'mutated.whisker');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are refused, or consistent, in bounded memory', { timeout: 600_000 }, () => {
    const before = process.memoryUsage().rss;
    readDamaged(GOOD, path, seededRandom(3, 'mutations'), 5000);
    const { refused, accepted } = readCrafted(GOOD, path, seededRandom(4, 'mutations'), 5000);
    expect(refused + accepted).toBe(5000);
    expect(refused).toBeGreaterThan(2000);
    // Files of less than a kilobyte: a reader that believed what they claim would take gigabytes.
    expect(process.memoryUsage().rss - before).toBeLessThan(500e6);
  });
});

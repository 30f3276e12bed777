import { describe, expect, test } from 'vitest';
import { corpusReaders, runCorpus } from '../data/mutations/run-corpus.js';

const readers = await corpusReaders();

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1')('mutation corpora', () => {
  test.each(readers)('$name: 20,000 damaged files are refused, or read right', async (reader) => {
    const { read, refused } = await runCorpus(reader, 20_000, 5000);
    expect(read + refused).toBe(20_000);
    expect(refused).toBeGreaterThan(4000);
  });
});

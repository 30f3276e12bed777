import { expect, test } from 'vitest';
import { corpusReaders, runCorpus } from './run-corpus.js';

test.each(await corpusReaders())('$name: 500 damaged files are refused, or read right', async (reader) => {
  const { read, refused } = await runCorpus(reader, 500, 200);
  expect(refused).toBeGreaterThan(100);
  expect(read + refused).toBe(500);
});

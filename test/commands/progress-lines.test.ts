import { expect, test } from 'vitest';
import { createProgressLines } from '../../src/commands/progress-lines.js';

test('a line a second with share, rate and time left, and one at the end; a new pass counts anew', () => {
  const lines: string[] = [];
  let milliseconds = 0;
  const output = { message: (text: string) => lines.push(text) };
  const tell = createProgressLines(output, 'bytes', () => milliseconds);
  const at = (time: number, done: number, note?: string) => {
    milliseconds = time;
    tell({ subject: 'a.json', done, total: 4000, ...(note !== undefined && { note }) });
  };
  at(500, 1000); // too early
  at(2000, 2000, 'checksum'); // 1000 bytes a second
  at(2500, 4000); // the end
  at(2600, 0); // another pass
  at(4600, 1000); // 500 bytes a second
  expect(lines).toEqual([
    'a.json: 50 % of 4.0 kB, checksum, 1.0 kB/s, 2 s left',
    'a.json: 100 % of 4.0 kB, 1.6 kB/s, 0 s left',
    'a.json: 25 % of 4.0 kB, 500 B/s, 6 s left',
  ]);
});

test('files of no size are done', () => {
  const lines: string[] = [];
  let milliseconds = 0;
  const tell = createProgressLines({ message: (text) => lines.push(text) }, 'frames', () => milliseconds);
  milliseconds = 1000;
  tell({ subject: 'out', done: 0, total: 0 });
  expect(lines).toEqual(['out: 100 % of 0 frames']);
});

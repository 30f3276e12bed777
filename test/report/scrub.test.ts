import { expect, it } from 'vitest';
import { scrub, scrubText } from '../../src/report/scrub.js';

it.each([
  ['/home/maria/lab/data set/x', '…/data set/x'],
  ['/home/maria/lab/videos', '…/videos'],
  ['folder="/home/maria/lab/videos/"', 'folder="…/videos"'],
  ['C:\\Users\\maria\\videos', '…/videos'],
  ['~/secret-lab/run', '…/run'],
  ['https://maria:hunter2@example.org/x', 'https://example.org/x'],
  ['checkpoints/rats', 'checkpoints/rats'],
  ['task1/test/mouse001', 'task1/test/mouse001'],
  ['\u202Egnp.exe\u0007', 'gnp.exe'],
  ['encoder & kinematics', 'encoder & kinematics'],
])('%s becomes %s', (text, expected) => {
  expect(scrubText(text)).toBe(expected);
});

it('leaves secrets out by the name of their setting, in objects and in facts', () => {
  expect(
    scrub({
      apiKey: 'abc',
      patchTokens: '4',
      facts: [
        ['data.password', 'x'],
        ['name', 'rats'],
      ],
    }),
  ).toEqual({
    apiKey: '(left out)',
    patchTokens: '4',
    facts: [
      ['data.password', '(left out)'],
      ['name', 'rats'],
    ],
  });
});

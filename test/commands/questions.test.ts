import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { withQuestions } from '../../src/commands/questions.js';
import { Interrupted } from '../../src/errors.js';

function terminal() {
  const stream = () => Object.assign(new PassThrough(), { isTTY: true });
  return { input: stream(), output: stream() };
}

test('answers come without spaces, one after the other', async () => {
  const conversation = terminal();
  const answers = withQuestions(async (ask) => [await ask('one? '), await ask('two? ')], conversation);
  conversation.input.write(' mice \r');
  await new Promise(setImmediate);
  conversation.input.write('\r');
  expect(await answers).toEqual(['mice', '']);
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s leaves in order', async (_, key) => {
  const conversation = terminal();
  const answer = withQuestions((ask) => ask('a name? '), conversation);
  conversation.input.write(key);
  await expect(answer).rejects.toBeInstanceOf(Interrupted);
  expect(String(conversation.output.read())).toMatch(/a name\? .*\n$/s);
});

import { PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createScreen, type Screen } from '../../src/ui/screen.js';
import { BUSY, SWEEP, stepAt } from './example-events.js';

// Ink draws nothing where these are set when it is loaded.
vi.hoisted(() => {
  delete process.env.CI;
  delete process.env.CONTINUOUS_INTEGRATION;
});

/** A terminal that remembers what was written to it. */
class FakeTerminal extends Writable {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  text = '';
  writes = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.writes++;
    done();
  }
}

class FakeKeyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

const ENTER = '\u001b[?1049h';
const LEAVE = '\u001b[?25h\u001b[?1049l';

let terminal: FakeTerminal;
let keyboard: FakeKeyboard;
let screen: Screen;
let pressed: string[];
let held: string | null;

beforeEach(() => {
  terminal = new FakeTerminal();
  keyboard = new FakeKeyboard();
  pressed = [];
  held = null;
  screen = createScreen({
    terminal: terminal as unknown as NodeJS.WriteStream,
    keyboard: keyboard as unknown as NodeJS.ReadStream,
    hasColours: false,
    guard: {
      hold: (restore) => {
        held = restore;
      },
      release: () => {
        held = null;
      },
    },
  });
  screen.attach({
    interrupt: () => pressed.push('interrupt'),
    save: () => pressed.push('save'),
    pause: () => pressed.push('pause'),
    resume: () => pressed.push('resume'),
  });
});
afterEach(() => screen.close());

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

async function press(key: string): Promise<void> {
  keyboard.write(key);
  await sleep(5);
}

test('it takes the second screen and raw mode, and gives both back with a summary on the first screen', async () => {
  expect(terminal.text.startsWith(ENTER)).toBe(true);
  expect(keyboard.isRaw).toBe(true);
  expect(held).toBe(LEAVE);
  for (const event of BUSY) screen.receive(event);
  await screen.close();
  const [, after] = terminal.text.split(LEAVE);
  expect(after).toContain('step 600/2000');
  expect(after).not.toContain('\u001b');
  expect(keyboard.isRaw).toBe(false);
  expect(held).toBe(null);
});

test('many events make few drawings', async () => {
  await sleep(150);
  const before = terminal.writes;
  for (let step = 1; step <= 500; step++) screen.receive(stepAt(step));
  await until(() => terminal.text.includes('500 of 2,000'));
  // Ink writes a frame in at most three pieces.
  expect(terminal.writes - before).toBeLessThanOrEqual(6);
});

test('keys ask for what they say', async () => {
  for (const key of ['s', 'pp', 'q', 'q', 'x', '\u0003']) await press(key);
  expect(pressed).toEqual(['save', 'pause', 'resume', 'interrupt', 'interrupt']);
});

test('q twice does not leave at once; it says what does', async () => {
  for (const key of ['q', 'q']) await press(key);
  expect(pressed).toEqual(['interrupt']);
  await until(() => terminal.text.includes('It is stopping already. Ctrl-C leaves at once'));
});

test('m and ? change the view and back', async () => {
  for (const event of BUSY) screen.receive(event);
  await press('?');
  await until(() => terminal.text.includes('once more leaves at once'));
  await press('m');
  await until(() => /m back/.test(terminal.text));
});

test('l changes the scale of the curves', async () => {
  for (const event of BUSY) screen.receive(event);
  await press('l');
  await until(() => terminal.text.includes('to 2.960, log'));
});

test('arrows and j and k choose a job of a sweep', async () => {
  for (const event of SWEEP) screen.receive(event);
  await until(() => /› baseline +1/.test(terminal.text)); // the one that runs
  await press('\u001b[B');
  await until(() => /› shallow +0/.test(terminal.text));
  await press('k');
  await press('k');
  await until(() => /› baseline +0/.test(terminal.text));
});

test('a resize draws everything anew at the new size', async () => {
  for (const event of BUSY) screen.receive(event);
  await until(() => terminal.text.includes('600 of 2,000'));
  terminal.text = '';
  [terminal.columns, terminal.rows] = [60, 15];
  terminal.emit('resize');
  expect(terminal.text).toContain(LEAVE);
  expect(terminal.text).toContain(ENTER);
  await until(() => terminal.text.includes('Guards at step 400'));
});

test('what is said appears at once', async () => {
  screen.say('Saving and stopping.');
  await until(() => terminal.text.includes('Saving and stopping.'));
});

test('closing twice is allowed', async () => {
  await screen.close();
  const { text } = terminal;
  await screen.close();
  expect(terminal.text.split(LEAVE)).toHaveLength(text.split(LEAVE).length);
});

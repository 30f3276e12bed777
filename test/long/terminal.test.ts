import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildDist } from '../commands/dist.js';
import { writeTinyDataset } from '../pipeline/tiny-data.js';
import { hasTmux, processorSeconds, Terminal } from './tmux.js';

const isShort = process.env.WHISKER_LONG_TESTS !== '1';
const QUICKSTART = fileURLToPath(new URL('../../configs/quickstart.yaml', import.meta.url));
/** A step of some milliseconds; a run that lasts as long as a test needs it. */
const QUICK = 'encoder.width=16 encoder.layers=1 training.batchWindows=8 log.everySteps=5';
/** A step of seconds, in which the trainer hears nothing. */
const SLOW = 'encoder.width=256 encoder.layers=6 training.batchWindows=256 log.everySteps=1 probe=null';

describe.skipIf(isShort)('the screen in a real terminal', { timeout: 600_000 }, () => {
  beforeEach(({ skip }) => skip(!hasTmux, 'needs tmux'));

  let folder: string;
  let main: string;
  let terminal: Terminal | undefined;
  let runs = 0;

  beforeAll(async () => {
    main = path.join(buildDist(), 'main.js');
    folder = mkdtempSync(path.join(tmpdir(), 'whisker-terminal-'));
    await writeTinyDataset(path.join(folder, 'store'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 }));
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  /** Starts a pretraining in a new terminal; its name is `run`. */
  function start(
    settings: string,
    options: { columns?: number; rows?: number; environment?: Record<string, string>; args?: string } = {},
  ) {
    const { columns = 80, rows = 24, environment = {}, args = '' } = options;
    const run = `run${runs++}`;
    const screen = new Terminal({ columns, rows }, folder, environment);
    terminal = screen;
    const call = `node ${main} pretrain ${QUICKSTART} name=${run} data.folder=store engine.mode=graph`;
    screen.type(
      `${call} 'training.duration={steps: 100000}' ${settings} ${args}; echo "ended with $?"`,
      'Enter',
    );
    return { screen, runFolder: path.join(folder, 'checkpoints', run) };
  }

  /** The first screen and the cursor are back. */
  async function untilRestored(screen: Terminal): Promise<void> {
    await screen.untilTrue('the first screen and the cursor', () => {
      const { hasCursor, isSecondScreen } = screen.modes();
      return hasCursor && !isSecondScreen;
    });
  }

  /** Line mode is back: what is typed is echoed and read as a line. */
  async function expectLineMode(screen: Terminal): Promise<void> {
    screen.type('stty -a | tr " ;" "\\n\\n" | grep -cx -e icanon -e echo -e isig', 'Enter');
    await screen.until(/^3$/m);
  }

  test('it draws, follows every size, and answers its keys; q saves, stops and gives the terminal back', async () => {
    const { screen, runFolder } = start(QUICK);
    await screen.until(/\d of 100,000 steps/);
    expect(screen.modes()).toEqual({ hasCursor: false, isSecondScreen: true });
    for (const [columns, rows] of [
      [60, 15],
      [250, 80],
      [200, 50],
      [80, 24],
    ] as const) {
      screen.resize(columns, rows);
      // The keys stand on the last line but one, and nothing of another size is left: all in one look at it.
      await screen.untilTrue(`the screen on ${columns} x ${rows}`, () => {
        const lines = screen.text().trimEnd().split('\n');
        const keys = lines.flatMap((line, row) => (line.includes('q save and stop') ? [row] : []));
        return (
          lines[0].startsWith('whisker pretrain run0') &&
          lines.some((line) => line.includes('of 100,000 steps')) &&
          keys.length === 1 &&
          keys[0] === rows - 2 &&
          lines.length === rows - 1
        );
      });
    }
    screen.type('?');
    await screen.until('once more leaves at once');
    screen.type('?');
    await screen.until('Guards at step');
    screen.type('m');
    await screen.until('m back');
    screen.type('m', 'l');
    await screen.until(/, log/);
    screen.type('p');
    await screen.until('Paused');
    screen.type('p');
    await screen.until(/^train:/m);
    screen.type('s');
    await screen.until(/Checkpoint at step \d+/);
    screen.type('q');
    await screen.until('ended with 130');
    await untilRestored(screen);
    await expectLineMode(screen);
    expect(existsSync(path.join(runFolder, 'last'))).toBe(true);
  });

  test('Ctrl-C in a native step of seconds is answered at once, then obeyed', async () => {
    const { screen } = start(SLOW);
    await screen.until(/^train:/m, 300);
    await untilBusy(screen);
    // Whatever the step was at: until the answer is there the trainer hears nothing.
    const { trainer } = screen.processes();
    process.kill(trainer, 'SIGSTOP');
    screen.type('C-c');
    await screen.until('Saving and stopping');
    process.kill(trainer, 'SIGCONT');
    await screen.until('ended with 130', 300);
    await untilRestored(screen);
  });

  test('Ctrl-C twice leaves at once', async () => {
    const { screen } = start(SLOW);
    await screen.until(/^train:/m, 300);
    await untilBusy(screen);
    screen.type('C-c');
    await screen.until('Saving and stopping');
    await sleep(400); // what comes within .3 s is the same Ctrl-C
    screen.type('C-c');
    await screen.until('ended with 130', 10);
    await untilRestored(screen);
    await expectLineMode(screen);
  });

  test('Ctrl-Z gives the terminal to the shell, fg takes it back, and the run goes on', async () => {
    const { screen } = start(QUICK);
    await screen.until(/\d of 100,000 steps/);
    screen.type('C-z');
    await screen.until('Stopped');
    await untilRestored(screen);
    await expectLineMode(screen);
    screen.type('fg', 'Enter');
    await screen.until('q save and stop');
    const before = stepOn(screen);
    await screen.until(/of 100,000 steps/);
    await screen.untilTrue('more steps', () => stepOn(screen) > before);
    expect(screen.modes().isSecondScreen).toBe(true);
    screen.type('q');
    await untilRestored(screen);
    await screen.until(/ready>\s*$/);
    screen.type('echo "it was $?"', 'Enter');
    await screen.until('it was 130');
    await untilRestored(screen);
  });

  test('a trainer that is killed: what happened, what to do, and the terminal as it was', async () => {
    const { screen } = start(QUICK);
    await screen.until(/\d of 100,000 steps/);
    const { trainer } = screen.processes();
    process.kill(trainer, 'SIGKILL');
    await screen.until('ended with 4');
    expect(screen.text()).toContain('signal 9');
    await untilRestored(screen);
    await expectLineMode(screen);
  });

  test('a parent that fails: its error, and the terminal as it was', async () => {
    const failing = "data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('boom'))})";
    const { screen } = start(QUICK, {
      environment: { NODE_OPTIONS: `"--import=${failing.replaceAll("'", '%27')}"` },
    });
    await screen.until(/\d of 100,000 steps/);
    process.kill(screen.processes().parent, 'SIGUSR2');
    await screen.until('boom');
    await screen.until(/ended with [1-9]/);
    await untilRestored(screen);
    await expectLineMode(screen);
  });

  test('a parent that is killed: the terminal as it was, and the run saves and ends', async () => {
    const { screen, runFolder } = start(QUICK);
    await screen.until(/\d of 100,000 steps/);
    const { parent, trainer } = screen.processes();
    process.kill(parent, 'SIGKILL');
    // What the shell says before the second screen is left goes with that.
    await untilRestored(screen);
    await expectLineMode(screen);
    await screen.untilTrue('the end of the run', () => !existsSync(`/proc/${trainer}`));
    expect(readdirSync(path.join(runFolder, 'steps')).length).toBeGreaterThan(0);
  });

  test('a terminal that is closed: the run saves and ends, or goes on without it, as it was set', async () => {
    const saved = (runFolder: string) => readdirSync(path.join(runFolder, 'steps')).length;
    const { screen, runFolder } = start(QUICK);
    await screen.until(/\d of 100,000 steps/);
    const { trainer } = screen.processes();
    screen.close();
    while (existsSync(`/proc/${trainer}`)) await sleep(100);
    expect(saved(runFolder)).toBeGreaterThan(0);

    const { screen: other, runFolder: otherFolder } = start(`${QUICK} training.whenTerminalCloses=continue`);
    await other.until(/\d of 100,000 steps/);
    const { trainer: lasting } = other.processes();
    other.close();
    terminal = undefined;
    const log = path.join(otherFolder, 'events.jsonl');
    const before = statSync(log).size;
    while (statSync(log).size < before + 2000) await sleep(100);
    writeFileSync(path.join(otherFolder, 'STOP'), '');
    while (existsSync(`/proc/${lasting}`)) await sleep(100);
    expect(saved(otherFolder)).toBeGreaterThan(0);
  });

  test('a second command on the same run is refused, with the process that has it', async () => {
    const { screen, runFolder } = start(QUICK);
    await screen.until(/\d of 100,000 steps/);
    const { trainer } = screen.processes();
    const second = new Terminal({ columns: 200, rows: 24 }, folder);
    try {
      const name = path.basename(runFolder);
      second.type(
        `node ${main} pretrain ${runFolder}/config.yaml name=${name} --resume --plain; echo "ended with $?"`,
        'Enter',
      );
      await second.until('ended with 2');
      expect(second.text()).toContain(`is in use by process ${trainer} on ${hostname()} since`);
      expect(second.text()).toContain('its last sign of life is');
    } finally {
      second.close();
    }
    screen.type('q');
    await screen.until('ended with 130');
  });

  test('without colours, without a terminal that draws, and for screen readers', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such
    const coloured = /\u001b\[(3[0-7]|9[0-7])m/;
    const { screen } = start(QUICK, { environment: { NO_COLOR: '1' } });
    await screen.until(/\d of 100,000 steps/);
    expect(screen.text({ colours: true })).not.toMatch(coloured);
    await screen.close();
    const { screen: colours } = start(QUICK);
    await colours.until(/\d of 100,000 steps/);
    expect(colours.text({ colours: true })).toMatch(coloured);
    await colours.close();
    for (const environment of [{ TERM: 'dumb' }, { INK_SCREEN_READER: 'true' }]) {
      const { screen: lines } = start(QUICK, { environment });
      await lines.until(/step \d+\/100000/);
      expect(lines.modes()).toEqual({ hasCursor: true, isSecondScreen: false });
      await lines.close();
    }
    terminal = undefined;
  });

  test('work without a screen of its own: three lines that follow the width and are gone at its end', async () => {
    const screen = new Terminal({ columns: 80, rows: 24 }, folder);
    terminal = screen;
    screen.type(`node ${main} data simulate --preset calms21 --out simulated`, 'Enter');
    await screen.until(/of 9,243,734 frames +\d+ % +\d+ s/);
    expect(screen.modes()).toEqual({ hasCursor: false, isSecondScreen: false });
    screen.resize(120, 30);
    await screen.until(/frames\/s/);
    screen.resize(60, 15);
    const count = (text: RegExp) => screen.text().match(text)?.length ?? 0;
    // Of the old width a line that was broken in two may stay; nothing is drawn too wide after that.
    await screen.untilTrue(
      'three lines of the new width',
      () => {
        const titles = count(/^whisker data simulate/gm);
        return count(/of 9,243,734 frames/g) === 1 && titles > 0 && titles < 3 && count(/frames\/s/g) === 0;
      },
      10,
    );
    screen.type('C-c');
    await screen.until(/ready>\s*$/);
    screen.type('echo "it was $?"', 'Enter');
    await screen.until('it was 130');
    expect(screen.modes()).toEqual({ hasCursor: true, isSecondScreen: false });
    await expectLineMode(screen);
  });

  test('it takes less than a twentieth of a processor', async () => {
    const { screen } = start(QUICK, { columns: 200, rows: 50 });
    await screen.until(/\d of 100,000 steps/);
    const { parent } = screen.processes();
    const [before, beganMs] = [processorSeconds(parent), performance.now()];
    await sleep(30_000);
    const share = (processorSeconds(parent) - before) / ((performance.now() - beganMs) / 1000);
    expect(share).toBeLessThan(0.05);
  });
});

/** Waits until the trainer is in the midst of a step: it has computed for a while. */
async function untilBusy(screen: Terminal): Promise<void> {
  const { trainer } = screen.processes();
  const before = processorSeconds(trainer);
  await screen.untilTrue('a trainer at work', () => processorSeconds(trainer) > before + 1);
}

function stepOn(screen: Terminal): number {
  return Number(/([\d,]+) of 100,000 steps/.exec(screen.text())?.[1].replaceAll(',', '') ?? Number.NaN);
}

import { type Instance, render, useInput } from 'ink';
import type { ReactElement } from 'react';
import type { RunEvent } from '../events/event.js';
import { Dashboard, type DashboardProps } from './dashboard.js';
import { COLOURS, NO_COLOURS } from './palette.js';
import { addMessage, INITIAL_STATE, reduceEvent } from './run-state.js';
import { summaryLines } from './summary.js';
import type { TerminalGuard } from './terminal-guard.js';
import { chooseRow } from './views/sweep.js';

/** What a person can ask of the run with a key. */
export interface ScreenControls {
  interrupt(): void;
  save(): void;
  pause(): void;
  resume(): void;
}

export interface Screen {
  receive(event: RunEvent): void;
  say(text: string): void;
  attach(controls: ScreenControls): void;
  /** Gives the terminal back as it was, with a summary below what stood there. */
  close(): Promise<void>;
}

export interface ScreenOptions {
  /** The terminal: the screen is drawn on stderr, results go to stdout. */
  readonly terminal: NodeJS.WriteStream;
  readonly keyboard: NodeJS.ReadStream;
  readonly hasColours: boolean;
  readonly guard: TerminalGuard;
}

/** Events wait this long to be drawn together: a drawing of 200 x 50 characters costs about 30 ms of a processor. */
const EVENT_MS = 1000;
/** And so many times as long as the last drawing took: where that is slow, it is done less often. */
const REST_PER_DRAWING = 30;
/** Answers to a person come sooner. */
const ANSWER_MS = 100;
const CLOCK_MS = 1000;
const ENTER = '\u001b[?1049h\u001b[2J\u001b[H\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';

/**
 * Draws a run on the terminal's second screen, about once a second, and sooner when a key was pressed. Whichever way the
 * process ends, the terminal gets its first screen, its cursor and its line mode back.
 */
export function createScreen(options: ScreenOptions): Screen {
  return new InkScreen(options);
}

type Key = 'interrupt' | 'quit' | 'save' | 'pause' | 'scale' | 'log' | 'help' | 'suspend' | 'up' | 'down';

class InkScreen implements Screen {
  readonly #terminal: NodeJS.WriteStream;
  readonly #keyboard: NodeJS.ReadStream;
  readonly #hasColours: boolean;
  readonly #guard: TerminalGuard;
  readonly #startedMs = performance.now();
  readonly #clock: NodeJS.Timeout;
  #state = INITIAL_STATE;
  #view: DashboardProps['view'] = 'run';
  #isPaused = false;
  #isLogScale = false;
  #chosenJob: number | null = null;
  #isStopping = false;
  #controls: ScreenControls | undefined;
  #instance: Instance | undefined;
  #pendingUpdate: NodeJS.Timeout | undefined;
  #updateDue = 0;
  #drawingMs = 0;

  constructor({ terminal, keyboard, hasColours, guard }: ScreenOptions) {
    this.#terminal = terminal;
    this.#keyboard = keyboard;
    this.#hasColours = hasColours;
    this.#guard = guard;
    terminal.on('resize', this.#remount);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.#remount);
    process.on('exit', this.#leave);
    this.#clock = setInterval(() => this.#updateCalmly(), CLOCK_MS);
    this.#clock.unref();
    this.#enter();
  }

  receive(event: RunEvent): void {
    this.#state = reduceEvent(this.#state, event);
    this.#updateCalmly();
  }

  say(text: string): void {
    this.#state = addMessage(this.#state, { level: 'answer', text });
    this.#update(ANSWER_MS);
  }

  attach(controls: ScreenControls): void {
    this.#controls = controls;
  }

  async close(): Promise<void> {
    clearInterval(this.#clock);
    clearTimeout(this.#pendingUpdate);
    this.#terminal.off('resize', this.#remount);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#remount);
    this.#leave();
    process.off('exit', this.#leave);
    for (const line of summaryLines(this.#state)) this.#terminal.write(`${line}\n`);
  }

  #updateCalmly(): void {
    this.#update(Math.max(EVENT_MS, REST_PER_DRAWING * this.#drawingMs));
  }

  /** Draws within this time; several calls in a row draw once. */
  #update(withinMs: number): void {
    const due = performance.now() + withinMs;
    if (this.#pendingUpdate !== undefined && this.#updateDue <= due) return;
    clearTimeout(this.#pendingUpdate);
    this.#updateDue = due;
    this.#pendingUpdate = setTimeout(() => {
      this.#pendingUpdate = undefined;
      const began = performance.now();
      this.#instance?.rerender(this.#draw());
      this.#drawingMs = performance.now() - began;
    }, withinMs);
  }

  #draw(): ReactElement {
    const hasKeys = this.#keyboard.isTTY === true;
    const dashboard = (
      <Dashboard
        state={this.#state}
        columns={this.#terminal.columns}
        rows={this.#terminal.rows}
        view={this.#view}
        isPaused={this.#isPaused}
        hasKeys={hasKeys}
        isLogScale={this.#isLogScale}
        chosenJob={this.#chosenJob}
        elapsedSeconds={(performance.now() - this.#startedMs) / 1000}
        palette={this.#hasColours ? COLOURS : NO_COLOURS}
      />
    );
    return hasKeys ? <Keyboard onKey={this.#press}>{dashboard}</Keyboard> : dashboard;
  }

  #enter(): void {
    if (this.#instance !== undefined) return;
    this.#guard.hold(LEAVE);
    this.#terminal.write(ENTER);
    this.#instance = render(this.#draw(), {
      stdout: this.#terminal,
      stdin: this.#keyboard,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: 1000 / ANSWER_MS,
    });
  }

  readonly #leave = (): void => {
    if (this.#instance === undefined) return;
    this.#instance.unmount();
    this.#instance = undefined;
    this.#terminal.write(LEAVE);
    this.#guard.release();
  };

  /** After a resize, or when the terminal has been somebody else's: draw everything anew. */
  readonly #remount = (): void => {
    this.#leave();
    this.#enter();
  };

  /** The terminal goes back to the shell; whoever continues this process gets the screen again. */
  readonly #suspend = (): void => {
    this.#leave();
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #press = (key: Key): void => {
    const controls = this.#controls;
    switch (key) {
      case 'interrupt':
        this.#isStopping = true;
        controls?.interrupt();
        break;
      case 'quit':
        if (this.#isStopping) this.say('It is stopping already. Ctrl-C leaves at once, without saving.');
        else controls?.interrupt();
        this.#isStopping = true;
        break;
      case 'save':
        controls?.save();
        this.say('Saving a checkpoint after this step.');
        break;
      case 'pause':
        this.#isPaused = !this.#isPaused;
        if (this.#isPaused) controls?.pause();
        else controls?.resume();
        break;
      case 'scale':
        this.#isLogScale = !this.#isLogScale;
        break;
      case 'up':
      case 'down': {
        const { jobs } = this.#state;
        const row = chooseRow(jobs, this.#chosenJob) + (key === 'up' ? -1 : 1);
        if (jobs.length > 0) this.#chosenJob = chooseRow(jobs, row);
        break;
      }
      case 'suspend':
        // The whole group, as the terminal would do it: the trainer rests too.
        process.kill(0, 'SIGTSTP');
        break;
      default:
        this.#toggle(key);
    }
    this.#update(ANSWER_MS);
  };

  #toggle(view: 'log' | 'help'): void {
    this.#view = this.#view === view ? 'run' : view;
  }
}

const KEYS: Readonly<Record<string, Key>> = {
  q: 'quit',
  s: 'save',
  p: 'pause',
  l: 'scale',
  m: 'log',
  '?': 'help',
  k: 'up',
  j: 'down',
};
const CONTROL_KEYS: Readonly<Record<string, Key>> = { c: 'interrupt', z: 'suspend' };

function Keyboard({
  onKey,
  children,
}: {
  readonly onKey: (key: Key) => void;
  readonly children: ReactElement;
}): ReactElement {
  useInput((input, { ctrl, upArrow, downArrow }) => {
    const arrow = upArrow ? 'up' : downArrow ? 'down' : undefined;
    if (arrow !== undefined) onKey(arrow);
    // Over a slow line several keys come together.
    for (const letter of input) {
      const key = ctrl ? CONTROL_KEYS[letter] : KEYS[letter];
      if (key !== undefined) onKey(key);
    }
  });
  return children;
}

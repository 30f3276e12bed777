import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** A real terminal with a shell in it, run by tmux on a server of its own. */
export class Terminal {
  readonly #socket: string;
  readonly #folder: string;

  constructor(
    size: { readonly columns: number; readonly rows: number },
    folder: string,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.#folder = mkdtempSync(path.join(tmpdir(), 'whisker-tmux-'));
    this.#socket = path.join(this.#folder, 'socket');
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const shell = [
      'env',
      '-u',
      'CI',
      '-u',
      'NO_COLOR',
      'PS1=ready> ',
      ...variables,
      'bash',
      '--norc',
      '--noprofile',
    ];
    const { columns, rows } = size;
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      `${columns}`,
      '-y',
      `${rows}`,
      '-c',
      folder,
      shell.join(' ').replace('PS1=ready> ', "'PS1=ready> '"),
    );
  }

  /** Types text; `Enter`, `C-c`, `Up` are names of keys. */
  type(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  /** What stands on the screen; with colours as escape sequences where asked. */
  text(options: { readonly colours?: boolean } = {}): string {
    return this.#tmux('capture-pane', '-p', ...(options.colours ? ['-e'] : []));
  }

  /** The modes in which a program may have left the terminal. */
  modes(): { readonly hasCursor: boolean; readonly isSecondScreen: boolean } {
    const [cursor, alternate] = this.#tmux('display-message', '-p', '#{cursor_flag} #{alternate_on}')
      .trim()
      .split(' ');
    return { hasCursor: cursor === '1', isSecondScreen: alternate === '1' };
  }

  /** Waits until the screen shows it; throws with what it shows instead. */
  async until(wanted: string | RegExp, seconds = 120): Promise<void> {
    const isThere = (text: string) =>
      typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
    await this.untilTrue(`${wanted}`, () => isThere(this.text()), seconds);
  }

  /** Waits until a condition holds; throws with its name and what the screen shows. */
  async untilTrue(name: string, isTrue: () => boolean, seconds = 120): Promise<void> {
    const deadline = performance.now() + 1000 * seconds;
    while (!isTrue()) {
      if (performance.now() > deadline) {
        throw new Error(`waited for ${name}, the screen shows\n${this.text()}`);
      }
      await sleep(20);
    }
  }

  /** The command that runs below the shell, and its trainer. */
  processes(): { readonly parent: number; readonly trainer: number } {
    const [parent, ...others] = below(this.#shell());
    const trainer = others.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('-entry.js'));
    if (parent === undefined || trainer === undefined) throw new Error('no command with a trainer runs');
    return { parent, trainer };
  }

  /** Closes the terminal, and waits for all that ran in it: a run that has lost it saves first. */
  async close(seconds = 120): Promise<void> {
    const running = below(this.#shell());
    this.#tmux('kill-server');
    const deadline = performance.now() + 1000 * seconds;
    while (running.some((pid) => existsSync(`/proc/${pid}`)) && performance.now() < deadline) await sleep(50);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #shell(): number {
    return Number(this.#tmux('display-message', '-p', '#{pane_pid}'));
  }

  #tmux(...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
    if (status !== 0 && args[0] !== 'kill-server') throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
    return stdout;
  }
}

/** The processes below one, oldest first. */
function below(parent: number): number[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
  const own = children === '' ? [] : children.split(' ').map(Number);
  return own.flatMap((child) => [child, ...below(child)]);
}

/** Seconds of a processor that a process has used so far. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

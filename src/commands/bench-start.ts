import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { medianOf } from '../bench/measure.js';
import { engineFolder } from '../engine/cache.js';
import { callWhisker, finished } from './call-whisker.js';
import { type CommandContext, defineCommand } from './command.js';
import { requireCount } from './option-values.js';

const POLL_MS = 5;

interface StartResult {
  readonly program: string;
  /** From the start of `whisker --help` to its end. */
  readonly helpMilliseconds: number;
  /** From the start of `whisker pretrain` to the record of its first step, with no compiled program kept. */
  readonly coldMilliseconds: number;
  /** The same, when an earlier run has left its compiled program. */
  readonly warmMilliseconds: number;
}

export default defineCommand({
  positionals: {},
  options: {
    runs: { type: 'number', default: 3, describe: 'starts of each kind; the median is told' },
  },
  example: ['$0 bench start', 'how long until something happens'],
  async run({ runs }, { output, environment }: CommandContext) {
    requireCount('runs', runs);
    const folder = mkdtempSync(join(tmpdir(), 'whisker-bench-'));
    try {
      const starts = await measureStarts(folder, environment, runs, (text) => output.message(text));
      const result: StartResult = { program: `whisker, Node.js ${process.versions.node}`, ...starts };
      const { helpMilliseconds: help, coldMilliseconds: cold, warmMilliseconds: warm } = result;
      const text = `--help ${help.toFixed(0)} ms, first training step ${cold.toFixed(0)} ms, again ${warm.toFixed(0)} ms`;
      output.result(result, text);
      output.next('whisker bench step');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

async function measureStarts(
  folder: string,
  environment: NodeJS.ProcessEnv,
  runs: number,
  tell: (text: string) => void,
): Promise<Omit<StartResult, 'program'>> {
  const call = (...args: readonly string[]) => callWhisker(args, folder, environment);
  tell(`simulating a few poses, then ${runs} starts of each kind`);
  await finished(call('data', 'simulate', '--preset', 'tiny', '--out', 'json', '--quiet'));
  const config = fileURLToPath(new URL('../../configs/', import.meta.url));
  const importConfig = join(config, 'quickstart-import.yaml');
  await finished(call('data', 'import', importConfig, 'source.files=[json]', 'out=store', '--quiet'));
  const help: number[] = [];
  const cold: number[] = [];
  const warm: number[] = [];
  for (let run = 0; run < runs; run++) {
    const engines = coldEngineFolder(join(folder, `engines-${run}`), engineFolder(environment));
    help.push(await timeOf(() => finished(call('--help'))));
    tell(`--help: ${last(help)} ms`);
    for (const [kind, times] of [
      ['with nothing compiled', cold],
      ['again', warm],
    ] as const) {
      const name = `run-${cold.length}-${warm.length}`;
      const args = ['pretrain', join(config, 'quickstart.yaml'), `name=${name}`, 'data.folder=store'];
      const settings = ['training.duration={steps: 1}', 'log.everySteps=1', '--quiet'];
      times.push(
        await timeToFirstStep(
          callWhisker([...args, ...settings], folder, { ...environment, WHISKER_ENGINE_DIR: engines }),
          join(folder, 'checkpoints', name, 'events.jsonl'),
        ),
      );
      tell(`first training step, ${kind}: ${last(times)} ms`);
    }
  }
  return {
    helpMilliseconds: medianOf(help),
    coldMilliseconds: medianOf(cold),
    warmMilliseconds: medianOf(warm),
  };
}

const last = (times: readonly number[]) => times.at(-1)?.toFixed(0);

/** An engine cache with the installed libraries and no compiled programs. */
function coldEngineFolder(place: string, installed: string): string {
  mkdirSync(place, { mode: 0o700 });
  const names = existsSync(installed) ? readdirSync(installed) : [];
  for (const name of names) if (name !== 'programs') symlinkSync(join(installed, name), join(place, name));
  return place;
}

/** From now until the run's log holds a step. */
async function timeToFirstStep(child: ChildProcess, log: string): Promise<number> {
  const started = performance.now();
  const end = finished(child);
  let ended = false;
  const noteEnd = () => {
    ended = true;
  };
  end.then(noteEnd, noteEnd);
  const hasStep = () => existsSync(log) && readFileSync(log, 'utf8').includes('"type":"step"');
  while (!ended && !hasStep()) await sleep(POLL_MS);
  const milliseconds = performance.now() - started;
  await end;
  return milliseconds;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

// See scripts/torture. One round is one start of a run and one blow; a run goes on from round to round until it is done.
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readCheckpoint, verifyCheckpoint } from '../dist/checkpoint/checkpoint.js';
import { findCheckpoint, listSteps, stepPath } from '../dist/checkpoint/run-folder.js';
import { CALMS21_SIZES } from '../dist/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../dist/data/simulate/simulate-calms21.js';
import { writeDataset } from '../dist/data/store/write-dataset.js';
import { readEventLog } from '../dist/events/event-log.js';
import { seededRandom } from '../dist/random.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const STEPS = 300;
const DISK_BYTES = 6 * 2 ** 20;
/** Nothing takes this long on its own. */
const HANG_SECONDS = 180;
/** How often a blow comes while the run still starts: opens its folder, data and engine. */
const EARLY_SHARE = 0.2;

/** What can happen to a run, and the ends of the command that are then in order. */
const BLOWS = {
  'kill -9 trainer': { ends: ['4'], strike: ({ trainers }) => killAll(trainers(), 'SIGKILL') },
  'kill -9 command': { ends: ['SIGKILL'], strike: ({ command }) => command.kill('SIGKILL') },
  'kill -9 both': {
    ends: ['SIGKILL'],
    strike({ command, trainers }) {
      const children = trainers();
      command.kill('SIGKILL');
      killAll(children, 'SIGKILL');
    },
  },
  // Before the command listens for it, a signal ends it as it ends any program.
  SIGTERM: { ends: ['143', 'SIGTERM'], strike: ({ command }) => command.kill('SIGTERM') },
  'Ctrl-C': { ends: ['130', 'SIGINT'], strike: ({ command }) => command.kill('SIGINT') },
  // One that is there before the run looks for the first time is of an earlier time, and removed.
  'RUN/STOP': { ends: ['0'], strike: ({ folder }) => writeFileSync(join(folder, 'STOP'), '') },
  'full disk': { ends: ['1'], strike: ({ disk }) => fill(disk) },
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds must be a whole number, got ${values.rounds}`);
const random = seededRandom(values.seed, 'torture');

const place = mkdtempSync(join(tmpdir(), 'whisker-torture-'));
const disk = join(place, 'disk');
mkdirSync(disk);
if (!mountSmallDisk(disk)) {
  rmSync(place, { recursive: true });
  if (process.env.WHISKER_TORTURE_NAMESPACE === undefined) process.exit(inOwnNamespace());
  console.error('A full disk needs a small tmpfs, and neither mount nor unshare -Urm gives one here.');
  process.exit(2);
}
const problems = [];
try {
  await torture();
} finally {
  const isKept = values.keep || problems.length > 0;
  if (isKept) console.log(`The folder is kept: ${place}`);
  else {
    spawnSync('umount', [disk]);
    rmSync(place, { recursive: true, force: true });
  }
}
if (problems.length > 0) {
  console.log(`\n${problems.length} PROBLEMS:\n${problems.join('\n')}`);
  process.exitCode = 1;
}

async function torture() {
  const data = join(place, 'data');
  const source = simulatedCalms21Source({ seed: 1, sizes: CALMS21_SIZES.tiny, missingShare: 0.05 });
  await writeDataset(data, source, { overwrite: false, origin: 'torture' });
  const config = join(place, 'torture.yaml');
  writeFileSync(config, settings(data));

  const undisturbed = await runOnce(config, 'undisturbed', null);
  if (undisturbed.end !== '0')
    throw new Error(`the undisturbed run ended with ${undisturbed.end}:\n${undisturbed.text}`);
  const expected = outcomeOf(join(disk, 'checkpoints', 'undisturbed'));
  const { startSeconds, trainSeconds } = undisturbed;
  console.log(
    `undisturbed: ${STEPS} steps, ${expected.events.length} events; starts in ${startSeconds.toFixed(1)} s, trains for ${trainSeconds.toFixed(1)} s`,
  );

  const counts = Object.fromEntries(Object.keys(BLOWS).map((name) => [name, 0]));
  const tally = { early: 0, late: 0, tooLate: 0, starts: 0, runs: 0 };
  let name = 'run-0';
  for (let round = 1; round <= rounds; ) {
    const folder = join(disk, 'checkpoints', name);
    const before = lastStep(folder);
    const kind = Object.keys(BLOWS)[random.integer(Object.keys(BLOWS).length)];
    const isEarly = random.uniform() < EARLY_SHARE && kind !== 'RUN/STOP';
    const wait = random.uniform() * (isEarly ? startSeconds : trainSeconds * (1 - before / STEPS));
    const run = await runOnce(config, name, { kind, isEarly, seconds: wait });
    tally.starts++;
    const where = `round ${round}, ${name}, ${kind} ${wait.toFixed(2)} s after ${isEarly ? 'its start' : 'its first step'}, from step ${before}`;
    const note = (problem) =>
      problems.push(`${where}: ${problem}\n${run.text.split('\n').slice(-12).join('\n')}`);
    checkFolder(folder, before, note);
    const isDone = run.end === '0' && lastStep(folder) === STEPS;
    if (!run.wasHit) tally.tooLate++;
    else {
      counts[kind]++;
      tally[isEarly ? 'early' : 'late']++;
      round++;
      if (!isDone && !BLOWS[kind].ends.includes(run.end)) note(`ended with ${run.end}`);
    }
    if (!run.wasHit && !isDone) note(`ended with ${run.end} though nothing was done to it`);
    if (problems.length > 5) return;
    if (round > rounds || isDone) {
      // The last run is brought to its end in peace.
      if (!isDone) {
        const end = await runOnce(config, name, null);
        tally.starts++;
        if (end.end !== '0') note(`could not be resumed: ${end.end}\n${end.text}`);
      }
      compare(outcomeOf(folder), expected, note);
      tally.runs++;
      rmSync(folder, { recursive: true });
      name = `run-${tally.runs}`;
    }
    if (round % 20 === 0 && run.wasHit) console.log(`${round} of ${rounds} blows, ${tally.runs} runs done`);
  }
  console.log(`\n${rounds} blows, seed ${values.seed}: ${JSON.stringify(counts)}`);
  console.log(
    `${tally.early} while starting, ${tally.late} while training; ${tally.tooLate} came after the end and do not count`,
  );
  console.log(
    `${tally.starts} starts; ${tally.runs} of ${tally.runs} runs ended with the bits and the log of the undisturbed one`,
  );
  console.log(problems.length === 0 ? 'nothing lost' : 'SOMETHING WAS LOST');
}

function settings(data) {
  return `kind: pretrain
name: torture
data: {folder: ${JSON.stringify(data)}, holdOut: {modulo: {divisor: 2, remainders: [1]}}}
window: {windowFrames: 16, patchFrames: 2}
encoder: {type: transformer, width: 16, layers: 1, heads: 2, feedForward: 16}
objectives: [{type: masked, decoder: {width: 8, heads: 2, feedForward: 8}}, {type: contrastive, weight: 0.3}]
training: {duration: {steps: ${STEPS}}, batchWindows: 16, warmupSteps: 20}
checkpoint: {everySteps: 7, keepNewest: 2, keepEverySteps: 100}
log: {everySteps: 4}
probe: {everySteps: 25, windows: 32, monitor: {metric: effective rank}}
engine: {device: cpu, mode: graph, threads: 1}
`;
}

/** Starts or resumes a run and waits for its end; a blow comes some seconds after its start or its first step. */
async function runOnce(config, name, blow) {
  const folder = join(disk, 'checkpoints', name);
  const command = spawn(process.execPath, [MAIN, 'pretrain', config, `name=${name}`, '--resume', '--plain'], {
    cwd: disk,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const trainers = () => childrenOf(command.pid);
  const seen = { text: '', trainers: new Set(), beganAt: undefined };
  const started = performance.now();
  let begin = () => {};
  const begun = new Promise((resolve) => {
    begin = resolve;
  });
  const listen = (chunk) => {
    seen.text += chunk;
    if (seen.beganAt === undefined && /^train: /m.test(seen.text)) {
      seen.beganAt = performance.now();
      begin();
    }
  };
  command.stdout.on('data', listen);
  command.stderr.on('data', listen);
  const ended = new Promise((resolve) =>
    command.once('close', (code, signal) => resolve(signal ?? String(code))),
  );
  const noteTrainers = () => {
    for (const pid of trainers()) seen.trainers.add(pid);
  };
  const watch = setInterval(noteTrainers, 50);
  const hang = setTimeout(() => killAll([command.pid, ...trainers()], 'SIGKILL'), 1000 * HANG_SECONDS);
  let wasHit = false;
  if (blow !== null) {
    const over = ended.then(() => true);
    const isOver =
      (!blow.isEarly && (await Promise.race([over, begun]))) === true ||
      (await Promise.race([over, sleep(1000 * blow.seconds)])) === true;
    if (!isOver) {
      noteTrainers();
      BLOWS[blow.kind].strike({ command, trainers, folder, disk });
      wasHit = true;
    }
  }
  const end = await ended;
  // A trainer whose command was killed saves and ends by itself.
  while ([...seen.trainers].some(isAlive)) await sleep(20);
  const endedAt = performance.now();
  clearInterval(watch);
  clearTimeout(hang);
  rmSync(join(disk, 'filler'), { force: true });
  return {
    ...{ end, wasHit, text: seen.text },
    startSeconds: ((seen.beganAt ?? endedAt) - started) / 1000,
    trainSeconds: (endedAt - (seen.beganAt ?? endedAt)) / 1000,
  };
}

/** After a blow: every checkpoint under its final name is whole, and none of those that counted is gone. */
function checkFolder(folder, before, note) {
  for (const step of listSteps(folder)) {
    try {
      verifyCheckpoint(stepPath(folder, step));
    } catch (error) {
      note(error.message);
    }
  }
  try {
    const now = lastStep(folder);
    if (now < before) note(`went back from step ${before} to ${now}`);
    if (before > 0 && findCheckpoint(folder, 'best') === null) note('has no best checkpoint any more');
  } catch (error) {
    note(error.message);
  }
}

function lastStep(folder) {
  const path = findCheckpoint(folder, 'last');
  return path === null ? 0 : readCheckpoint(path).header.step;
}

/** All that must be the same however often a run was disturbed. */
function outcomeOf(folder) {
  const last = readCheckpoint(findCheckpoint(folder, 'last'));
  const best = readCheckpoint(findCheckpoint(folder, 'best'));
  const events = readEventLog(join(folder, 'events.jsonl')).flatMap((event) => {
    if (event.type === 'guard') return [`guard ${event.step} ${JSON.stringify(event.metrics)}`];
    if (event.type !== 'step') return [];
    const { step, epoch, loss, parts, learningRate, gradientNorm } = event;
    return [`step ${JSON.stringify({ step, epoch, loss, parts, learningRate, gradientNorm })}`];
  });
  const files = [...readdirSync(folder), ...readdirSync(join(folder, 'steps'))];
  return {
    last,
    best,
    events,
    leftovers: files.filter((file) => /partial|stale|\.new-|^STOP$|^lock/.test(file)),
  };
}

function compare(got, expected, note) {
  for (const which of ['last', 'best']) {
    const [one, other] = [got[which], expected[which]];
    if (JSON.stringify(one.header) !== JSON.stringify(other.header))
      note(`its ${which} checkpoint has another header`);
    const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    const different = Object.entries(other.tensors).filter(
      ([path, { data }]) => !bytes(one.tensors[path].data).equals(bytes(data)),
    );
    if (different.length > 0)
      note(`its ${which} checkpoint differs in ${different.length} tensors, first ${different[0][0]}`);
  }
  const index = expected.events.findIndex((event, number) => event !== got.events[number]);
  if (index >= 0) note(`its log differs: expected ${expected.events[index]}, got ${got.events[index]}`);
  if (got.events.length > expected.events.length)
    note(`its log has ${got.events.length - expected.events.length} events too many`);
  if (got.leftovers.length > 0) note(`it has left ${got.leftovers.join(', ')}`);
}

function mountSmallDisk(folder) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder]).status === 0;
}

/** The same once more, where an ordinary user may mount. */
function inOwnNamespace() {
  const { status } = spawnSync('unshare', ['-Urm', process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, WHISKER_TORTURE_NAMESPACE: '1' },
  });
  return status ?? 1;
}

function fill(folder) {
  for (const size of [2 ** 20, 2 ** 12]) {
    try {
      for (;;) writeFileSync(join(folder, 'filler'), Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
}

function killAll(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already.
    }
  }
}

function isAlive(pid) {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOf(pid));
}

function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State: Z';
  }
}

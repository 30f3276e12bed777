import { renderToString } from 'ink';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/events/event.js';
import { Dashboard, type DashboardProps } from '../../src/ui/dashboard.js';
import { NO_COLOURS } from '../../src/ui/palette.js';
import { INITIAL_STATE, reduceEvent } from '../../src/ui/run-state.js';
import { at, BUSY, HEADS, resultOf, STARTED, SWEEP, stepAt } from './example-events.js';

function draw(events: readonly RunEvent[], props: Partial<DashboardProps> = {}): string[] {
  const state = events.reduce(reduceEvent, INITIAL_STATE);
  const columns = props.columns ?? 80;
  const dashboard = (
    <Dashboard
      state={state}
      columns={columns}
      rows={24}
      view="run"
      isPaused={false}
      hasKeys
      isLogScale={false}
      chosenJob={null}
      elapsedSeconds={75}
      palette={NO_COLOURS}
      {...props}
    />
  );
  return renderToString(dashboard, { columns }).split('\n');
}

const MANY_PARTS = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`part${index}`, index]));
const RUNS: Readonly<Record<string, readonly RunEvent[]>> = {
  'nothing yet': [],
  started: [STARTED],
  busy: BUSY,
  'many loss parts': [...BUSY, stepAt(610, MANY_PARTS)],
  'many results': [STARTED, ...Array.from({ length: 90 }, (_, index) => resultOf(index))],
  heads: HEADS,
  'a sweep': SWEEP,
  'many messages': [
    ...BUSY,
    ...Array.from({ length: 90 }, (_, index) =>
      at({ type: 'message', level: 'info', text: `line ${index}` }),
    ),
  ],
  'long names': BUSY.map((event) =>
    event.type === 'started'
      ? { ...event, name: 'n'.repeat(300), device: 'd'.repeat(300) }
      : event.type === 'checkpoint'
        ? { ...event, path: 'p'.repeat(300) }
        : event,
  ),
};

const SIZES = [
  [60, 15],
  [80, 24],
  [100, 30],
  [200, 50],
  [250, 80],
  [61, 80],
  [250, 15],
];

describe.each(Object.entries(RUNS))('%s', (_, events) => {
  test.each(SIZES)('fits %i x %i in every view', (columns, rows) => {
    for (const view of ['run', 'log', 'help'] as const) {
      const lines = draw(events, { columns, rows, view });
      expect(lines.length).toBeLessThan(rows);
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
      expect(lines.at(-1)).toMatch(/^q (save and )?stop {2,3}.*(help|back)$/);
    }
  });
});

/** Too small to begin with; a window or pane may become so while a run is on. */
describe.each(Object.entries(RUNS))('%s, in a terminal that has shrunk', (_, events) => {
  test.each([
    [1, 1],
    [1, 40],
    [2, 5],
    [5, 24],
    [20, 3],
    [40, 8],
  ])('draws %i x %i', (columns, rows) => {
    for (const view of ['run', 'log', 'help'] as const) {
      const lines = draw(events, { columns, rows, view });
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
      expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(columns);
    }
  });
});

test('80 x 24', () => {
  expect(draw(BUSY).join('\n')).toMatchInlineSnapshot(`
    "whisker pretrain quickstart                  cpu (xla), AMD EPYC 7B13, 2 threads
    ━━━━━━───────────────    600 of 2,000 steps  30 %   1 min 15 s   3 min 20 s left
    training: 12 recordings, 40,000 windows
    epoch 3.00          loss 1.602          rate 1.0e-3         gradient 2.345
    512 windows/s       32.8k frames/s      waiting 3 %         1.2 GB
    loss 1.602                masked 0.801              contrastive 0.769
    1.602 to 2.960            0.801 to 1.480            0.769 to 1.525
    ⠙⢦⡀                       ⠙⢦⡀                       ⠙⡆
      ⠉⠳⣄                       ⠉⠳⣄                      ⠙⠋⣇⢀⡀
        ⠈⠳⢤⡀                      ⠈⠳⢤⡀                     ⠘⠚⢹⢀⣤
           ⠉⠓⢦⣀                      ⠉⠓⢦⣀                    ⠈⠉⠘⣆⡶⡄⢀⡀
              ⠈⠙⠦⣄⡀                     ⠈⠙⠦⣄⡀                     ⠹⠏⢳⡴⢦ ⣀
                  ⠉⠓⠲⢤⣀                     ⠉⠓⠲⢤⣀                     ⠘⠚⠙⣆⡶⡄⢀⡀
                      ⠈⠉⠓⠲⠤⣄                    ⠈⠉⠓⠲⠤⣄                   ⠉ ⠓⠋⠳⠼⢳
    Guards at step 400
      spread       0.010  ····●──────────·····  NOT HEALTHY  healthy above 0.1
      probe        0.531  ·····───●──────·····  ok           healthy 0.3 to 1
      identity     0.400  ·····────────●─·····  ok           healthy 0 to 0.5
    Checkpoint at step 400: checkpoints/quic…-000400.whisker   best so far: step 400
    recorded the step in 1.2 s
    warning: recording 7 has 3 frames without any point

    q save and stop   s save   p pause   l log   m messages   ? help"
  `);
});

test('60 x 15 keeps what matters: progress, the guard that is not healthy, the checkpoint, the warning', () => {
  const text = draw(BUSY, { columns: 60, rows: 15 }).join('\n');
  for (const wanted of [
    '600 of 2,000',
    'spread',
    'NOT HEALTHY',
    'Checkpoint at step 400',
    'warning: recording 7',
  ]) {
    expect(text).toContain(wanted);
  }
});

test('the log shows messages only, help shows the keys', () => {
  expect(draw(BUSY, { view: 'log' }).join('\n')).toContain('recorded the step in 1.2 s');
  expect(draw(BUSY, { view: 'log' }).join('\n')).not.toContain('Guards');
  expect(draw([STARTED], { view: 'log' })).toEqual(
    expect.arrayContaining([expect.stringMatching(/^whisker pretrain/), 'No messages so far']),
  );
  expect(draw(BUSY, { view: 'help' }).join('\n')).toContain('once more leaves at once');
});

test('a paused run says so, a finished one how it ended', () => {
  expect(draw(BUSY, { isPaused: true }).join('\n')).toContain('Paused');
  const finished = at({ type: 'finished', outcome: 'stopped', seconds: 75, next: [] });
  expect(draw([...BUSY, finished]).join('\n')).toContain('Stopped after 1 min 15 s');
});

test('work without an engine names none', () => {
  const plain = { ...STARTED, command: 'data import', name: 'rats', engine: '', mode: '', device: '' };
  expect(draw([plain as RunEvent])[0]).toBe('whisker data import rats');
});

test('without a keyboard no keys are promised', () => {
  expect(draw(BUSY, { hasKeys: false }).at(-1)).toContain('Ctrl-C: save and stop');
});

test('NaN and infinities are shown as such and break nothing', () => {
  const lines = draw([
    STARTED,
    stepAt(1, { masked: Number.NaN }),
    stepAt(2, { masked: Number.POSITIVE_INFINITY }),
  ]);
  expect(lines.join('\n')).toContain('masked Infinity');
});

test('names from data cannot command the terminal', () => {
  const evil = 'a\u001b[2J\u001b]0;title\u0007\r\nb\u202e';
  const text = draw([
    { ...STARTED, name: evil } as RunEvent,
    stepAt(1, { [evil]: 1 }),
    at({ type: 'message', level: 'warning', text: evil }),
  ]).join('\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(text).toContain('warning: a b');
});

describe('heads', () => {
  test('the head that is being fitted, what its task has reached, and the table as it grows', () => {
    const text = draw(HEADS, { columns: 80, rows: 24 }).join('\n');
    expect(text).toContain('Head of task1  raw-pose, seed 1, fold 2');
    expect(text).toContain('iteration    8   loss 0.250      best so far map 0.912 by encoder');
    expect(text).toMatch(/Results +features +seed +map +f1 +brier/);
    expect(text).toMatch(/task1 +encoder +1 +0.912 +0.871/);
    // The bar is of the whole run.
    expect(text).toMatch(/21 of 90 fits +23 % .* 12 min 34 s left/);
    // Of cross-validation that ends, nothing of an older head's loss stays.
    expect(text).not.toContain('loss 9');
  });

  test('beside the whole run the present part has a progress of its own', () => {
    const part = at({
      ...{ type: 'progress', phase: 'encoder', done: 3, total: 20, unit: 'recordings' },
      ...{ ratePerSecond: null, etaSeconds: null },
    });
    const lines = draw([...HEADS, part]);
    expect(lines[1]).toContain('21 of 90 fits');
    expect(lines[2]).toBe('task1: raw-pose   encoder: 3 of 20 recordings');
  });

  test('on 60 x 15 the head and the newest results are there', () => {
    const text = draw(HEADS, { columns: 60, rows: 15 }).join('\n');
    for (const wanted of ['Head of task1', 'loss 0.250', 'kinematics']) expect(text).toContain(wanted);
    // A metric without room for its column is left out whole.
    expect(text).toMatch(/brier\s*$/m);
  });
});

describe('a sweep', () => {
  test('a row a job: state, stage, share, metric, time left; the chosen one has its curve', () => {
    const lines = draw(SWEEP, { columns: 100, rows: 24, chosenJob: 1 });
    const text = lines.join('\n');
    expect(lines[0]).toMatch(/^whisker sweep ablation .*1 pending, 1 running, 1 done, 1 failed$/);
    expect(lines[1]).toContain('2 of 4 jobs  50 %');
    expect(text).toMatch(/^ {2}baseline +0 {2}done +heads +━━━━━━━━━━ 100 % {2}map 0.812/m);
    expect(text).toMatch(/^› baseline +1 {2}running +pretrain +━━━━──────/m);
    expect(text).toContain('1 min 30 s left');
    expect(text).toContain('baseline, seed 1   loss from 1.100 to 2');
  });

  test('a narrow terminal keeps state, share and figure of every job', () => {
    const at80 = draw(SWEEP, { columns: 80 }).join('\n');
    expect(at80).toMatch(/running +pretrain +40 % {2}loss 1.100 {2}1 min 30 s left$/m);
    const at60 = draw(SWEEP, { columns: 60, rows: 15 }).join('\n');
    expect(at60).toMatch(/^› baseline +1 {2}running +pretrain +40 % {2}loss 1.100$/m);
    expect(at60).toMatch(/^ {2}baseline +0 {2}done +heads +100 % {2}map 0.812$/m);
  });

  test('nobody has chosen: the first that runs is looked at', () => {
    expect(draw(SWEEP).join('\n')).toContain('baseline, seed 1   loss from');
    expect(draw(SWEEP)[2]).toBe('2 jobs at once, in checkpoints/ablation');
  });

  test('a failed one shows its error', () => {
    const text = draw(SWEEP, { columns: 100, rows: 24, chosenJob: 2 }).join('\n');
    expect(text).toContain('shallow, seed 0: why it failed');
    expect(text).toContain('the loss is NaN at step 12');
  });

  test('the chosen job stays in sight in a long table', () => {
    const [first] = SWEEP;
    const job = SWEEP.find((event) => event.type === 'job') as Extract<RunEvent, { type: 'job' }>;
    const many = Array.from({ length: 90 }, (_, seed) => ({ ...job, id: `${seed}`, seed }));
    for (const chosenJob of [0, 45, 89, 200]) {
      const text = draw([first, ...many], { columns: 80, rows: 24, chosenJob }).join('\n');
      expect(text).toMatch(new RegExp(`^› baseline +${Math.min(89, chosenJob)}  `, 'm'));
    }
  });
});

test('curves on a logarithmic scale say so; what has values of 0 or below stays linear', () => {
  expect(draw(BUSY, { isLogScale: true }).join('\n')).toContain('1.602 to 2.960, log');
  const negative = [STARTED, stepAt(1, { a: -1, b: 1 }), stepAt(2, { a: 2, b: 3 })];
  const text = draw(negative, { isLogScale: true }).join('\n');
  expect(text).toContain('1 to 3, log');
  expect(text).not.toContain('-1 to 2, log');
});

test('nothing moves but the bar: numbers of one and of four digits stand in the same columns', () => {
  const at1 = draw([STARTED, stepAt(1)], { elapsedSeconds: 5 });
  const at2 = draw([STARTED, stepAt(1999)], { elapsedSeconds: 754 });
  expect(at1[1].indexOf(' of 2,000 steps')).toBe(at2[1].indexOf(' of 2,000 steps'));
  expect(at1[1].length).toBe(at2[1].length);
  expect(at1[3].indexOf('rate')).toBe(at2[3].indexOf('rate'));
});

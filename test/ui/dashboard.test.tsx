import { renderToString } from 'ink';
import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/events/event.js';
import { Dashboard, type DashboardProps } from '../../src/ui/dashboard.js';
import { NO_COLOURS } from '../../src/ui/palette.js';
import { INITIAL_STATE, reduceEvent } from '../../src/ui/run-state.js';
import { at, BUSY, resultOf, STARTED, stepAt } from './example-events.js';

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
      expect(lines.at(-1)).toContain('q save and stop');
    }
  });
});

test('80 x 24', () => {
  expect(draw(BUSY).join('\n')).toMatchInlineSnapshot(`
    "whisker pretrain quickstart                  cpu (xla), AMD EPYC 7B13, 2 threads
    ━━━━━━━────────────────  600 of 2,000 steps  30 %   1 min 15 s   3 min 20 s left
    training: 12 recordings, 40,000 windows
    epoch 3   loss 1.602   rate 1.0e-3   gradient 2.345   512.3 windows/s
    32787 frames/s   waiting 3 %   1.2 GB
    loss 1.602                masked 0.801              contrastive 0.769
    1.602 to 2.960            0.801 to 1.480            0.769 to 1.525
    ⠙⢦⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠙⢦⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠙⡆⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
    ⠀⠀⠉⠳⣄⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠀⠉⠳⣄⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠙⠋⣇⢀⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
    ⠀⠀⠀⠀⠈⠳⢤⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠀⠀⠀⠈⠳⢤⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠀⠀⠘⠚⢹⢀⣤⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
    ⠀⠀⠀⠀⠀⠀⠀⠉⠓⢦⣀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠀⠀⠀⠀⠀⠀⠉⠓⢦⣀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠀⠀⠀⠀⠈⠉⠘⣆⡶⡄⢀⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀
    ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠈⠙⠦⣄⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠈⠙⠦⣄⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀  ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠹⠏⢳⡴⢦⠀⣀⠀⠀⠀⠀⠀⠀⠀
    ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠉⠓⠲⢤⣀⠀⠀⠀⠀⠀  ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠉⠓⠲⢤⣀⠀⠀⠀⠀⠀  ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠘⠚⠙⣆⡶⡄⢀⡀⠀⠀
    ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠈⠉⠓⠲⠤⣄  ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠈⠉⠓⠲⠤⣄  ⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠉⠀⠓⠋⠳⠼⢳
    Guards at step 400
      spread       0.010  ····●──────────·····  NOT HEALTHY  healthy above 0.100
      probe        0.531  ·····───●──────·····  ok           healthy 0.300 to 1
      identity     0.400  ·····────────●─·····  ok           healthy 0 to 0.500
    Checkpoint at step 400: checkpoints/quic…-000400.whisker   best so far: step 400
    recorded the step in 1.2 s
    warning: recording 7 has 3 frames without any point

    q save and stop   s save now   p pause   l messages   ? help"
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
  expect(draw([STARTED], { view: 'log' }).join('\n')).toContain('No messages so far');
  expect(draw(BUSY, { view: 'help' }).join('\n')).toContain('once more leaves at once');
});

test('a paused run says so, a finished one how it ended', () => {
  expect(draw(BUSY, { isPaused: true }).join('\n')).toContain('Paused');
  const finished = at({ type: 'finished', outcome: 'stopped', seconds: 75, next: [] });
  expect(draw([...BUSY, finished]).join('\n')).toContain('Stopped after 1 min 15 s');
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

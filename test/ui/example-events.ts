import type { RunEvent, RunEventBody } from '../../src/events/event.js';

/** Events of a made-up run, for tests of what is shown. */
export const at = (body: RunEventBody): RunEvent => ({ time: '2026-01-01T00:00:00.000Z', ...body });

export const STARTED = at({
  type: 'started',
  command: 'pretrain',
  name: 'quickstart',
  folder: 'checkpoints/quickstart',
  totalSteps: 2000,
  engine: 'cpu',
  mode: 'xla',
  device: 'AMD EPYC 7B13, 2 threads',
});

export const stepAt = (step: number, parts?: Readonly<Record<string, number>>): RunEvent => {
  const decay = Math.exp(-step / 500);
  return at({
    type: 'step',
    step,
    totalSteps: 2000,
    epoch: step / 200,
    loss: 1 + 2 * decay,
    parts: parts ?? { masked: 0.5 + decay, contrastive: 0.5 + decay + 0.05 * Math.sin(step / 9) },
    learningRate: 1e-3,
    gradientNorm: 2.345,
    windowsPerSecond: 512.3,
    framesPerSecond: 32787,
    waitingShare: 0.031,
    memoryBytes: 1.23e9,
    etaSeconds: 200,
  });
};

export const GUARD = at({
  type: 'guard',
  step: 400,
  metrics: {
    probe: { value: 0.531, healthy: [0.3, 1] },
    spread: { value: 0.01, healthy: [0.1, Number.POSITIVE_INFINITY] },
    identity: { value: 0.4, healthy: [0, 0.5] },
  },
});

export const CHECKPOINT = at({
  type: 'checkpoint',
  step: 400,
  path: 'checkpoints/quickstart/steps/step-000400.whisker',
  best: true,
  seconds: 0.21,
});

export const resultOf = (number: number): RunEvent =>
  at({
    type: 'result',
    task: `task${(number % 3) + 1}`,
    features: number % 2 === 0 ? 'encoder' : 'random encoder',
    seed: number,
    metrics: { map: 0.6, f1: 0.5 + number / 100 },
  });

/** A run in full swing. */
export const BUSY: readonly RunEvent[] = [
  STARTED,
  at({ type: 'phase', name: 'training', detail: '12 recordings, 40,000 windows' }),
  ...Array.from({ length: 60 }, (_, index) => stepAt(10 * (index + 1))),
  GUARD,
  CHECKPOINT,
  at({ type: 'message', level: 'info', text: 'recorded the step in 1.2 s' }),
  at({ type: 'message', level: 'warning', text: 'recording 7 has 3 frames without any point' }),
];

const headAt = (iteration: number, loss: number, fold: number): RunEvent =>
  at({ type: 'head', task: 'task1', features: 'raw-pose', seed: 1, fold, iteration, loss });

/** Heads while they are being fitted. */
export const HEADS: readonly RunEvent[] = [
  at({
    type: 'started',
    command: 'finetune',
    name: 'quickstart-heads',
    folder: 'checkpoints/quickstart-heads',
    totalSteps: null,
    engine: 'cpu',
    mode: 'auto',
    device: '2 threads',
  }),
  at({ type: 'phase', name: 'task1', detail: 'raw-pose' }),
  at({
    type: 'result',
    task: 'task1',
    features: 'encoder',
    seed: 1,
    metrics: { map: 0.912, f1: 0.871, brier: 0.05, calibrationError: 0.031 },
  }),
  at({
    type: 'result',
    task: 'task1',
    features: 'kinematics',
    seed: 1,
    metrics: { map: 0.891, f1: 0.902, brier: 0.06, calibrationError: 0.042 },
  }),
  at({ type: 'overall', done: 21, total: 90, unit: 'fits', etaSeconds: 754 }),
  headAt(1, 9, 1),
  ...Array.from({ length: 8 }, (_, index) => headAt(index + 1, 2 / (index + 1), 2)),
];

const jobAt = (variant: string, seed: number, more: Partial<Extract<RunEvent, { type: 'job' }>>): RunEvent =>
  at({
    type: 'job',
    id: `${variant}-${seed}`,
    variant,
    seed,
    state: 'pending',
    stage: null,
    progress: null,
    metric: null,
    etaSeconds: null,
    error: null,
    ...more,
  });

/** A sweep with a job in each of its states. */
export const SWEEP: readonly RunEvent[] = [
  at({
    type: 'sweep',
    name: 'ablation',
    folder: 'checkpoints/ablation',
    counts: { pending: 1, running: 1, done: 1, failed: 1, interrupted: 0 },
    slots: 2,
    etaSeconds: 754,
  }),
  jobAt('baseline', 0, {
    state: 'done',
    stage: 'heads',
    progress: 1,
    metric: { name: 'map', value: 0.812 },
  }),
  ...[0.1, 0.2, 0.3, 0.4].map((progress, index) =>
    jobAt('baseline', 1, {
      state: 'running',
      stage: 'pretrain',
      progress,
      metric: { name: 'loss', value: 2 - 0.3 * index },
      etaSeconds: 90,
    }),
  ),
  jobAt('shallow', 0, {
    state: 'failed',
    stage: 'pretrain',
    error: 'Training diverged: the loss is NaN at step 12 (epoch 1)',
  }),
  jobAt('shallow', 1, {}),
];

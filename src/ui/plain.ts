import type { RunEvent } from '../events/event.js';
import { printableLine } from '../events/printable.js';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatRange,
  formatRate,
  formatShare,
} from './format.js';

/** Shows a run as lines, for pipes, logs and terminals that can't do more. Never a control character. */
export interface PlainView {
  receive(event: RunEvent): void;
  say(text: string): void;
}

export interface PlainOptions {
  readonly write: (line: string) => void;
  /** Steps, heads and progress are told at most this often; everything else at once. */
  readonly everySeconds: number;
  /** Monotonic clock. */
  readonly nowSeconds: () => number;
}

export function createPlainView({ write, everySeconds, nowSeconds }: PlainOptions): PlainView {
  const toldAt = new Map<string, number>();
  const isDue = (event: RunEvent): boolean => {
    const subject = frequentSubject(event);
    if (subject === null) return true;
    const now = nowSeconds();
    if (now - (toldAt.get(subject) ?? Number.NEGATIVE_INFINITY) < everySeconds) return false;
    toldAt.set(subject, now);
    return true;
  };
  return {
    receive(event) {
      if (isDue(event)) for (const line of linesOf(event)) write(printableLine(line));
    },
    say: (text) => write(printableLine(text)),
  };
}

/** What an event that comes often is about; null for those that are always told. */
function frequentSubject(event: RunEvent): string | null {
  if (event.type === 'step') return event.step >= event.totalSteps ? null : 'step';
  if (event.type === 'head') return 'head';
  if (event.type === 'overall') return event.done === event.total ? null : 'overall';
  if (event.type === 'progress') return event.done === event.total ? null : `progress ${event.phase}`;
  // The time that is left changes all the time; what has become of jobs is told at once.
  if (event.type === 'sweep') return `sweep ${Object.values(event.counts)}`;
  if (event.type === 'job') return event.state === 'running' ? `job ${event.id} ${event.stage}` : null;
  return null;
}

/** An event in words: no lines, one or several. */
export function linesOf(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'started': {
      const where = event.folder === null ? '' : ` in ${event.folder}`;
      const steps = event.totalSteps === null ? '' : `, ${formatCount(event.totalSteps)} steps`;
      return [
        `${event.command} ${event.name}${where}: ${event.engine} (${event.mode}) on ${event.device}${steps}`,
      ];
    }
    case 'phase':
      return [event.detail === '' ? event.name : `${event.name}: ${event.detail}`];
    case 'progress':
      return [describeProgress(event)];
    case 'overall': {
      const left = event.etaSeconds === null ? '' : `, ${formatDuration(event.etaSeconds)} left`;
      return [`${formatCount(event.done)} of ${formatCount(event.total)} ${event.unit}${left}`];
    }
    case 'step':
      return [describeStep(event)];
    case 'guard':
      return [`guards at step ${event.step}: ${Object.entries(event.metrics).map(describeGuard).join(', ')}`];
    case 'checkpoint':
      return [
        `checkpoint at step ${event.step}${event.best ? ' (best so far)' : ''}: ${event.path}, ${formatNumber(event.seconds)} s`,
      ];
    case 'head': {
      const fold = event.fold === null ? '' : `, fold ${event.fold}`;
      return [
        `head ${event.task}, ${event.features}, seed ${event.seed}${fold}: iteration ${event.iteration}, loss ${formatNumber(event.loss)}`,
      ];
    }
    case 'result':
      return [
        `result ${event.task}, ${event.features}, seed ${event.seed}: ${describeMetrics(event.metrics)}`,
      ];
    case 'message':
      return [event.level === 'warning' ? `warning: ${event.text}` : event.text];
    case 'sweep':
      return [describeSweep(event)];
    case 'job':
      return event.state === 'pending' ? [] : [describeJob(event)];
    case 'finished':
      return [`${event.outcome} after ${formatDuration(event.seconds)}`];
  }
}

function describeStep(event: Extract<RunEvent, { type: 'step' }>): string {
  return [
    `step ${event.step}/${event.totalSteps}`,
    `epoch ${formatNumber(event.epoch)}`,
    `loss ${formatNumber(event.loss)}`,
    ...Object.entries(event.parts).map(([name, value]) => `${name} ${formatNumber(value)}`),
    `rate ${event.learningRate.toExponential(1)}`,
    `gradient ${formatNumber(event.gradientNorm)}`,
    // Of the first step, which compiles, no pace is known.
    ...(Number.isFinite(event.windowsPerSecond)
      ? [
          `${formatRate(event.windowsPerSecond)} windows/s`,
          `${formatRate(event.framesPerSecond)} frames/s`,
          `waiting ${formatShare(event.waitingShare)}`,
          `${formatDuration(event.etaSeconds)} left`,
        ]
      : []),
    formatBytes(event.memoryBytes),
  ].join('  ');
}

function describeProgress(event: Extract<RunEvent, { type: 'progress' }>): string {
  const total = event.total === null ? '' : ` of ${formatCount(event.total)}`;
  const rate = event.ratePerSecond === null ? '' : `, ${formatNumber(event.ratePerSecond)} a second`;
  const left = event.etaSeconds === null ? '' : `, ${formatDuration(event.etaSeconds)} left`;
  return `${event.phase}: ${formatCount(event.done)}${total} ${event.unit}${rate}${left}`;
}

function describeSweep({ name, counts, etaSeconds }: Extract<RunEvent, { type: 'sweep' }>): string {
  const states = Object.entries(counts).filter(([, count]) => count > 0);
  const left = etaSeconds === null ? '' : `, about ${formatDuration(etaSeconds)} left`;
  return `sweep ${name}: ${states.map(([state, count]) => `${count} ${state}`).join(', ')}${left}`;
}

function describeJob(event: Extract<RunEvent, { type: 'job' }>): string {
  const { variant, seed, state, stage, progress, metric, etaSeconds, error } = event;
  return [
    `job ${variant}, seed ${seed}: ${state}`,
    ...(stage === null || state !== 'running' ? [] : [stage]),
    ...(progress === null || state !== 'running' ? [] : [formatShare(progress)]),
    ...(metric === null ? [] : [`${metric.name} ${formatNumber(metric.value)}`]),
    ...(etaSeconds === null || state !== 'running' ? [] : [`${formatDuration(etaSeconds)} left`]),
    ...(error === null ? [] : [error]),
  ].join('  ');
}

function describeGuard([name, { value, healthy }]: [
  string,
  { readonly value: number; readonly healthy: readonly [number, number] },
]): string {
  const range = `healthy ${formatRange(healthy)}`;
  return `${name} ${formatNumber(value)} (${isHealthy(value, healthy) ? range : `NOT HEALTHY, ${range}`})`;
}

/** Whether a guard's value lies in its range; NaN doesn't. */
export function isHealthy(value: number, [low, high]: readonly [number, number]): boolean {
  return value >= low && value <= high;
}

function describeMetrics(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join(', ');
}

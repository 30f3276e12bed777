import type { RunEvent } from '../events/event.js';
import { printableLine } from '../events/printable.js';
import { type Curve, EMPTY_CURVE, extendCurve } from './curve.js';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** All that the screen knows of a run: its events, reduced. */
export interface RunState {
  readonly started: EventOf<'started'> | null;
  readonly phase: EventOf<'phase'> | null;
  readonly progress: EventOf<'progress'> | null;
  readonly overall: EventOf<'overall'> | null;
  readonly step: EventOf<'step'> | null;
  /** The loss as `loss`, then its parts. */
  readonly curves: Readonly<Record<string, Curve>>;
  readonly guards: EventOf<'guard'> | null;
  readonly checkpoint: EventOf<'checkpoint'> | null;
  readonly bestCheckpoint: EventOf<'checkpoint'> | null;
  readonly head: EventOf<'head'> | null;
  /** The loss of the present head over its iterations. */
  readonly headCurve: Curve;
  /** The newest last. */
  readonly results: readonly EventOf<'result'>[];
  readonly sweep: EventOf<'sweep'> | null;
  /** Of a sweep, in its order. */
  readonly jobs: readonly Job[];
  readonly messages: readonly Message[];
  readonly finished: EventOf<'finished'> | null;
}

/** A job of a sweep with the figures that it has told so far in its present stage. */
export interface Job extends EventOf<'job'> {
  readonly curve: Curve;
}

export interface Message {
  readonly level: 'info' | 'warning' | 'answer';
  readonly text: string;
}

export const INITIAL_STATE: RunState = {
  started: null,
  phase: null,
  progress: null,
  overall: null,
  step: null,
  curves: {},
  guards: null,
  checkpoint: null,
  bestCheckpoint: null,
  head: null,
  headCurve: EMPTY_CURVE,
  results: [],
  sweep: null,
  jobs: [],
  messages: [],
  finished: null,
};

const MAX_MESSAGES = 500;
const MAX_RESULTS = 500;

/** The state after one more event. Pure; texts lose their control characters here. */
export function reduceEvent(state: RunState, raw: RunEvent): RunState {
  const event = withPrintableText(raw) as RunEvent;
  switch (event.type) {
    case 'started':
      return { ...state, started: event };
    case 'phase':
      return { ...state, phase: event, progress: null };
    case 'progress':
      return { ...state, progress: event };
    case 'overall':
      return { ...state, overall: event };
    case 'step':
      return { ...state, step: event, progress: null, curves: extendCurves(state.curves, event) };
    case 'guard':
      return { ...state, guards: event };
    case 'checkpoint':
      return {
        ...state,
        checkpoint: event,
        bestCheckpoint: event.best ? event : state.bestCheckpoint,
        // What somebody was told is being saved is there.
        messages: state.messages.filter(({ level }) => level !== 'answer'),
      };
    case 'head':
      return { ...state, head: event, headCurve: extendHead(state, event) };
    case 'result':
      return { ...state, results: [...state.results, event].slice(-MAX_RESULTS) };
    case 'message':
      return addMessage(state, { level: event.level, text: event.text });
    case 'sweep':
      return { ...state, sweep: event };
    case 'job':
      return { ...state, jobs: withJob(state.jobs, event) };
    case 'finished':
      return { ...state, finished: event };
  }
}

/** The state with something that the command itself has to say. */
export function addMessage(state: RunState, message: Message): RunState {
  const text = printableLine(message.text);
  return { ...state, messages: [...state.messages, { ...message, text }].slice(-MAX_MESSAGES) };
}

/** A head's losses; another head begins a curve of its own. */
function extendHead({ head, headCurve }: RunState, event: EventOf<'head'>): Curve {
  const isSame =
    head !== null &&
    head.task === event.task &&
    head.features === event.features &&
    head.seed === event.seed &&
    head.fold === event.fold &&
    head.iteration < event.iteration;
  return extendCurve(isSame ? headCurve : EMPTY_CURVE, { step: event.iteration, value: event.loss });
}

function withJob(jobs: readonly Job[], event: EventOf<'job'>): readonly Job[] {
  const index = jobs.findIndex(({ id }) => id === event.id);
  const before = jobs[index];
  const isSameStage = before?.stage === event.stage && before.metric?.name === event.metric?.name;
  let curve = before === undefined || !isSameStage ? EMPTY_CURVE : before.curve;
  if (event.metric !== null && event.state === 'running') {
    const told = curve.stride * curve.points.length + curve.pending.length;
    curve = extendCurve(curve, {
      step: event.progress === null ? told : event.progress,
      value: event.metric.value,
    });
  }
  const job = { ...event, curve };
  return index < 0 ? [...jobs, job] : jobs.with(index, job);
}

function extendCurves(
  curves: RunState['curves'],
  { step, loss, parts }: EventOf<'step'>,
): RunState['curves'] {
  // With a single part the sum says nothing more.
  const names = Object.keys(parts);
  const values = names.length === 1 ? parts : { loss, ...parts };
  const extended = Object.entries(values).map(([name, value]) => [
    name,
    extendCurve(curves[name] ?? EMPTY_CURVE, { step, value }),
  ]);
  return { ...curves, ...Object.fromEntries(extended) };
}

/** Names come from data and settings: none of them may command the terminal. */
function withPrintableText(value: unknown): unknown {
  if (typeof value === 'string') return printableLine(value);
  if (Array.isArray(value)) return value.map(withPrintableText);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [printableLine(key), withPrintableText(child)]),
    );
  }
  return value;
}

import { Interrupted } from '../../errors.js';
import type { WhenParentLost } from './messages.js';
import { startTrainer, type Trainer, type TrainerOptions, type TrainerOutcome } from './start-trainer.js';

/** What shows a run while it lasts: the screen or plain lines. */
export interface Renderer {
  /** Says something at once, whatever the trainer is doing. */
  say(text: string): void;
  /** Gets the run's controls for its keys. */
  attach(controls: RunControls): void;
  /** Leaves the terminal as it was. */
  close(): Promise<void>;
}

/** What a person can ask of a run. */
export interface RunControls {
  /** The first time: save and stop; the second time: leave at once. */
  interrupt(): void;
  save(): void;
  pause(): void;
  resume(): void;
}

/** A wrapper like npm sends the terminal's Ctrl-C once more: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 300;

/** What signals and keys act upon: a trainer, or several. */
export type Steerable = Pick<Trainer<unknown>, 'stop' | 'leave' | 'save' | 'pause' | 'resume'>;

/**
 * Runs a trainer to its end: signals go to it, the renderer is told, and closed whatever happens.
 * @throws what the trainer threw; `Interrupted` when it was left at once
 */
export function runTrainer<Job, Result>(
  options: TrainerOptions<Job>,
  renderer: Renderer,
): Promise<TrainerOutcome<Result>> {
  const trainer = startTrainer<Job, Result>(options);
  return steer(trainer, renderer, options.whenParentLost, () => trainer.ended);
}

/**
 * Waits for work while signals and keys act upon what does it; closes the renderer whatever happens.
 * SIGINT, SIGTERM and a closed terminal: save and stop; a second time: leave at once. SIGUSR1: save and go on.
 */
export async function steer<Result>(
  target: Steerable,
  renderer: Renderer,
  whenParentLost: WhenParentLost,
  work: () => Promise<Result>,
): Promise<Result> {
  const interrupt = createInterrupt(target, renderer);
  const handlers: [NodeJS.Signals, () => void][] = [
    ['SIGINT', () => interrupt('SIGINT')],
    ['SIGTERM', () => interrupt('SIGTERM')],
    ['SIGUSR1', () => target.save()],
  ];
  // A closed terminal: the run ends in order; where it shall go on, this process just dies.
  if (whenParentLost === 'stop') handlers.push(['SIGHUP', () => interrupt('SIGTERM')]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  renderer.attach({
    interrupt: () => interrupt('SIGINT'),
    save: () => target.save(),
    pause: () => target.pause(),
    resume: () => target.resume(),
  });
  try {
    return await work();
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    await renderer.close();
  }
}

/** Ends a command that was stopped early with the exit code of its signal. */
export function throwIfStopped(outcome: TrainerOutcome<unknown>): void {
  if (outcome.stoppedBy !== null) throw new Interrupted(outcome.stoppedBy);
}

function createInterrupt(target: Steerable, renderer: Renderer) {
  let firstAt: number | undefined;
  return (signal: 'SIGINT' | 'SIGTERM'): void => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      renderer.say('Saving and stopping. Once more to leave at once, without saving.');
      target.stop(signal);
    } else if (now - firstAt >= SAME_SIGNAL_MS) {
      renderer.say('Leaving at once.');
      target.leave(signal);
    }
  };
}

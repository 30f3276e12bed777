/**
 * RunEvents: all that a run tells the outside, as frozen plain data. Observers (screen, log file, TensorBoard)
 * get copies and can neither slow nor change the run. Durations come from the monotonic clock; `time` is UTC ISO.
 */
export type RunEvent = { readonly time: string } & RunEventBody;

/** An event without its time; the emitter stamps it. */
export type RunEventBody =
  | {
      readonly type: 'started';
      readonly command: string;
      readonly name: string;
      readonly folder: string | null;
      readonly totalSteps: number | null;
      readonly engine: string;
      readonly mode: string;
      readonly device: string;
    }
  | { readonly type: 'phase'; readonly name: string; readonly detail: string }
  /** Progress of the present phase; `total` is null where it isn't known. */
  | {
      readonly type: 'progress';
      readonly phase: string;
      readonly done: number;
      readonly total: number | null;
      readonly unit: string;
      readonly ratePerSecond: number | null;
      readonly etaSeconds: number | null;
    }
  /** How far a run of many parts is, where a part has steps or a progress of its own. */
  | {
      readonly type: 'overall';
      readonly done: number;
      readonly total: number;
      readonly unit: string;
      /** null: nothing is known yet. */
      readonly etaSeconds: number | null;
    }
  | {
      readonly type: 'step';
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      readonly loss: number;
      readonly parts: Readonly<Record<string, number>>;
      readonly learningRate: number;
      readonly gradientNorm: number;
      readonly windowsPerSecond: number;
      readonly framesPerSecond: number;
      readonly waitingShare: number;
      readonly memoryBytes: number;
      readonly etaSeconds: number;
    }
  /** Guards: probe, collapse and identity metrics with their healthy range [low, high]. */
  | {
      readonly type: 'guard';
      readonly step: number;
      readonly metrics: Readonly<
        Record<string, { readonly value: number; readonly healthy: readonly [number, number] }>
      >;
    }
  | {
      readonly type: 'checkpoint';
      readonly step: number;
      readonly path: string;
      readonly best: boolean;
      readonly seconds: number;
    }
  | {
      readonly type: 'head';
      readonly task: string;
      readonly features: string;
      readonly seed: number;
      readonly fold: number | null;
      readonly iteration: number;
      readonly loss: number;
    }
  /** One cell of the table of results, as soon as it is known. */
  | {
      readonly type: 'result';
      readonly task: string;
      readonly features: string;
      readonly seed: number;
      readonly metrics: Readonly<Record<string, number>>;
    }
  | { readonly type: 'message'; readonly level: 'info' | 'warning'; readonly text: string }
  /** A sweep as a whole: first, and whenever a job changes its state. */
  | {
      readonly type: 'sweep';
      readonly name: string;
      readonly folder: string;
      /** They add up to all jobs. */
      readonly counts: Readonly<Record<JobState, number>>;
      /** Jobs that may run at once. */
      readonly slots: number;
      readonly etaSeconds: number | null;
    }
  /** A job of a sweep: at first all of them in their order, then each one whenever something about it changes. */
  | {
      readonly type: 'job';
      /** The same in all events of a job. */
      readonly id: string;
      readonly variant: string;
      readonly seed: number;
      readonly state: JobState;
      /** What it is at: `pretrain` or `heads`; null: nothing. */
      readonly stage: string | null;
      /** Share of that stage, 0 to 1; null where it isn't known. */
      readonly progress: number | null;
      /** The newest figure: a loss while pretraining, then what the heads reach. */
      readonly metric: { readonly name: string; readonly value: number } | null;
      /** Of that stage. */
      readonly etaSeconds: number | null;
      /** Why it failed. */
      readonly error: string | null;
    }
  | {
      readonly type: 'finished';
      readonly outcome: 'done' | 'stopped';
      readonly seconds: number;
      readonly next: readonly string[];
    };

/** `interrupted`: it had begun and nobody works on it now. */
export type JobState = 'pending' | 'running' | 'done' | 'failed' | 'interrupted';

/** Receives events; must not throw, must not wait. */
export type EmitEvent = (event: RunEventBody) => void;

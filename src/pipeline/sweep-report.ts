import type { EmitEvent, JobState, RunEventBody } from '../events/event.js';
import { isAtWork } from '../sweep/alive.js';
import { countStates, type JobStatus, listJobs } from '../sweep/job-states.js';
import { type JournalEntry, readJournal, type TaskProgress } from '../sweep/journal.js';
import type { SweepPlan } from '../sweep/plan.js';

type JobEvent = Extract<RunEventBody, { type: 'job' }>;

/** Says what becomes of the jobs of a sweep: only what has changed, and how far they are at most once a second. */
export interface SweepReporter {
  /** Looks at the journal and tells what is new. @param isUrgent a state has changed: at once */
  report(isUrgent: boolean): void;
  /** How far a run of this process is; newer than the journal. */
  setProgress(task: string, progress: TaskProgress | null): void;
  states(): readonly JobState[];
}

const EVERY_MILLISECONDS = 1000;

export function createSweepReporter(
  folder: string,
  plan: SweepPlan,
  slots: number,
  emit: EmitEvent,
): SweepReporter {
  const live = new Map<string, TaskProgress | null>();
  const told = new Map<string, string>();
  let toldAt = Number.NEGATIVE_INFINITY;
  let toldSweep = '';
  const look = () => readStatus(folder, plan);
  return {
    report(isUrgent) {
      if (!isUrgent && performance.now() - toldAt < EVERY_MILLISECONDS) return;
      toldAt = performance.now();
      const journal = readJournal(folder);
      const statuses = statusesOf(plan, journal);
      const counts = countStates(statuses.map(({ state }) => state));
      const events = statuses.map((status) => jobEvent(status, live.get(status.task.id), journal));
      for (const event of events) {
        const text = JSON.stringify(event);
        if (told.get(event.id) === text) continue;
        told.set(event.id, text);
        emit(event);
      }
      const etaSeconds = estimateRest(plan, journal, live, slots);
      const text = JSON.stringify([counts, etaSeconds === null ? null : Math.round(etaSeconds)]);
      if (text === toldSweep) return;
      toldSweep = text;
      emit({ ...{ type: 'sweep', name: plan.name, folder, counts, slots }, etaSeconds });
    },
    setProgress: (task, progress) => live.set(task, progress),
    states: () => look().map(({ state }) => state),
  };
}

/** How every job stands now. */
export function readStatus(folder: string, plan: SweepPlan): JobStatus[] {
  return statusesOf(plan, readJournal(folder));
}

function statusesOf(plan: SweepPlan, journal: ReadonlyMap<string, JournalEntry>): JobStatus[] {
  return listJobs(plan, journal, (entry) => isAtWork(entry, Date.now()));
}

/** A job as observers are told of it. */
export function jobEvent(
  { job, state, task, entry, progress, error }: JobStatus,
  live: TaskProgress | null | undefined,
  journal: ReadonlyMap<string, JournalEntry>,
): JobEvent {
  const known = (state === 'pending' ? null : live) ?? progress;
  const { share, metric, etaSeconds } = known ?? { share: null, metric: null, etaSeconds: null };
  const begun = entry === undefined ? null : usualRest(journal, task.stage, share);
  return {
    type: 'job',
    id: job.id,
    variant: job.variants.join(' = '),
    seed: job.seed,
    state,
    stage: state === 'pending' || state === 'done' ? null : task.stage,
    progress: state === 'done' ? 1 : share,
    metric,
    etaSeconds: state === 'running' ? (etaSeconds ?? begun) : null,
    error: error?.split('\n')[0] ?? null,
  };
}

/**
 * Seconds that all that is left takes: by what runs tell of themselves, else by what earlier ones of the stage took; null
 * before the first of a stage has ended. Not less than the longest takes alone.
 */
function estimateRest(
  plan: SweepPlan,
  journal: ReadonlyMap<string, JournalEntry>,
  live: ReadonlyMap<string, TaskProgress | null>,
  slots: number,
): number | null {
  let [sum, longest] = [0, 0];
  for (const { id, stage, isDropped } of plan.tasks) {
    const entry = journal.get(id);
    if (isDropped || entry?.state === 'done' || entry?.state === 'failed') continue;
    const progress = live.get(id) ?? entry?.progress;
    const told = entry?.state === 'running' ? progress?.etaSeconds : null;
    const seconds = told ?? usualRest(journal, stage, progress?.share ?? null);
    if (seconds === null) return null;
    sum += seconds;
    longest = Math.max(longest, seconds);
  }
  return Math.max(sum / slots, longest);
}

/** What is left of a task by what others of its stage took; null before the first of them has ended. */
function usualRest(
  journal: ReadonlyMap<string, JournalEntry>,
  stage: string,
  share: number | null,
): number | null {
  const usual = usualSeconds(journal, stage);
  return usual === null ? null : usual * (1 - (share ?? 0));
}

/** Mean seconds of the tasks of a stage that are done; null where none is. */
export function usualSeconds(journal: ReadonlyMap<string, JournalEntry>, stage: string): number | null {
  const seconds = [...journal].flatMap(([task, { state, seconds }]) =>
    state === 'done' && seconds !== undefined && task.startsWith(`${stage}-`) ? [seconds] : [],
  );
  return seconds.length === 0 ? null : seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
}

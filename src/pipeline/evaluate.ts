import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { UserError } from '../errors.js';
import { type BoutSettings, labelFrames } from '../evaluation/bouts/label-frames.js';
import type { CalibrationBin } from '../evaluation/metrics/calibration.js';
import type { ScoredRecording } from '../evaluation/protocols/label-views.js';
import {
  binTask,
  type ClassLabelling,
  type Measurement,
  measureLabels,
  measureTask,
} from '../evaluation/protocols/measure.js';
import {
  hasSeveralRecordings,
  type Interval,
  intervalOf,
  plainFigure,
  type ResampledMetric,
  type RowEvidence,
  resampleRows,
} from '../evaluation/statistics/bootstrap.js';
import { type Evidence, weighConfusion } from '../evaluation/statistics/evidence.js';
import { seededRandom } from '../random.js';
import { type AppliedHeads, type ApplyOptions, openHeads } from './apply-heads.js';
import { type LabelChoice, openTaskLabels, type TaskLabels } from './evaluate-labels.js';
import { startProgress } from './recording-progress.js';
import type { RunContext } from './run-context.js';

/** What `whisker evaluate` asks of the trainer: plain data. */
export interface EvaluateJob extends ApplyOptions {
  readonly datasetFolder: string;
  readonly labels: LabelChoice;
  /** Whether recordings that all heads were fitted on are scored as well. */
  readonly withTrained: boolean;
}

/** The figures of stored heads on labelled data: plain data. */
export interface EvaluateSummary extends Omit<Measurement, 'evidence'> {
  readonly task: string;
  readonly track: string;
  readonly features: string;
  readonly seed: number;
  /** In the order of the confusion matrix. */
  readonly taskClasses: readonly string[];
  /** Labels as `predict` writes them: smoothed, without short bouts. null where the heads have chosen neither. */
  readonly smoothed: SmoothedMeasurement | null;
  /** [true class][predicted class] frames */
  readonly confusion: readonly (readonly number[])[];
  /** Bins of a reliability diagram for each scored class; those without any frame are left out. */
  readonly calibration: Readonly<Record<string, readonly CalibrationBin[]>>;
  /** null where fewer than two recordings were scored, or the run's settings draw none. */
  readonly intervals: Readonly<Record<ResampledMetric, Interval | null>>;
  readonly intervalLevel: number;
  readonly recordings: readonly string[];
  /** Names of the splits whose heads predicted; `all`: the head of all recordings. */
  readonly splits: readonly string[];
  /** Labelled recordings that were left out, since the heads were fitted on them. */
  readonly leftOut: readonly string[];
  /** Scored although the heads were fitted on them. */
  readonly trainedOn: readonly string[];
  /** Scored although an encoder learned from their poses (without labels). */
  readonly transductive: readonly string[];
  /** Frames of classes that the task doesn't know; they are not scored. */
  readonly unknownClasses: Readonly<Record<string, number>>;
  /** Scored classes that no frame carries: their figures are 0 and pull the means down. */
  readonly absentClasses: readonly string[];
}

/** How good labels are that were smoothed as the heads have chosen within their training recordings. */
export interface SmoothedMeasurement {
  /** Several where recordings are predicted by heads that chose differently. */
  readonly bouts: readonly BoutSettings[];
  readonly f1: number;
  readonly classes: readonly ClassLabelling[];
}

/**
 * Scores the heads of a run on a labelled data set, with the metrics of `finetune`. Recordings that all heads were
 * fitted on are left out unless asked for, so the run's own data set gives the run's own figures. Memory holds the
 * features of one recording, and the probabilities of all that are scored.
 * @returns null when it was stopped
 * @throws UserError when labels and task don't fit, or nothing is left to score
 */
export async function evaluateDataset(
  job: EvaluateJob,
  context: RunContext,
): Promise<EvaluateSummary | null> {
  const dataset = openDataset(job.datasetFolder);
  const heads = await openHeads(job, dataset, context.emit);
  try {
    const labels = openTaskLabels(dataset, heads.task, job.labels);
    const idOf = (recording: number) => dataset.recordings[recording].id;
    const { scored, leftOut } = divideRecordings(heads, labels, job.withTrained);
    if (scored.length === 0) {
      throw new UserError('data', `The heads were fitted on every recording with the track ${labels.track}`, {
        hint: 'Score other recordings, or add --with-trained for a figure that says nothing about new ones',
      });
    }
    const progress = startProgress(
      scored.map((recording) => dataset.recordings[recording]),
      'evaluate',
      context,
    );
    const predicted: ScoredRecording[] = [];
    for (const recording of scored) {
      await context.untilResumed();
      if (context.signal.aborted) return null;
      const [id, own] = [idOf(recording), labels.read(recording)];
      predicted.push({ recording, id, labels: own, probabilities: heads.predict(recording) });
      await progress.add(own.length);
    }
    if (!predicted.some((recording) => recording.labels.some((label) => label >= 0))) {
      throw new UserError(
        'data',
        `No frame of the track ${labels.track} carries a class of ${heads.task.name}`,
        {
          hint: `The task has ${heads.task.classes.join(', ')}: map the track's classes to them with --map`,
        },
      );
    }
    const { evidence, ...measured } = measureTask(heads.task, predicted);
    const done = predicted.map(({ recording }) => ({ id: idOf(recording), ...heads.originOf(recording) }));
    return {
      ...{ task: heads.task.name, track: labels.track, features: heads.features, seed: heads.seed },
      ...measured,
      taskClasses: heads.task.classes,
      smoothed: measureSmoothed(dataset, heads, predicted),
      confusion: confusionOf(evidence),
      calibration: binTask(heads.task, predicted),
      intervals: findIntervals(heads, evidence, measured.metrics, job.settings),
      intervalLevel: job.settings.bootstrap.level,
      recordings: done.map(({ id }) => id),
      splits: [...new Set(done.flatMap(({ splits }) => splits))],
      leftOut: leftOut.map(idOf),
      trainedOn: done.filter(({ isTrainedOn }) => isTrainedOn).map(({ id }) => id),
      transductive: done.filter(({ isTransductive }) => isTransductive).map(({ id }) => id),
      unknownClasses: labels.countUnknown(scored),
      absentClasses: measured.classes.filter(({ support }) => support === 0).map(({ name }) => name),
    };
  } finally {
    heads.dispose();
    dataset.close();
  }
}

function divideRecordings(heads: AppliedHeads, { recordings }: TaskLabels, withTrained: boolean) {
  const isScored = (recording: number) => withTrained || !heads.originOf(recording).isTrainedOn;
  return {
    scored: recordings.filter(isScored),
    leftOut: recordings.filter((recording) => !isScored(recording)),
  };
}

/** null where a recording's heads have chosen nothing. */
function measureSmoothed(
  { recordings }: Dataset,
  heads: AppliedHeads,
  predicted: readonly ScoredRecording[],
): SmoothedMeasurement | null {
  const bouts = predicted.map(({ recording }) => heads.boutsOf(recording));
  const chosen = bouts.flatMap((own) => own ?? []);
  if (chosen.length < bouts.length) return null;
  const labels = predicted.map(({ recording, probabilities }, index) =>
    labelFrames(
      probabilities,
      heads.task.classes.length,
      recordings[recording].framesPerSecond,
      chosen[index],
    ),
  );
  const distinct = new Map(chosen.map((own) => [JSON.stringify(own), own]));
  return { bouts: [...distinct.values()], ...measureLabels(heads.task, predicted, labels) };
}

/** Sums the recordings' matrices. */
function confusionOf(evidence: Evidence): number[][] {
  const { classCount, recordings } = evidence;
  const counts = weighConfusion(
    evidence,
    recordings.map(() => 1),
  );
  return Array.from({ length: classCount }, (_, label) => [
    ...counts.subarray(label * classCount, (label + 1) * classCount),
  ]);
}

/** Intervals over recordings, as the table of `finetune` has them. */
function findIntervals(
  { task }: AppliedHeads,
  evidence: Evidence,
  metrics: Measurement['metrics'],
  { bootstrap, seed }: EvaluateJob['settings'],
): EvaluateSummary['intervals'] {
  const row: RowEvidence = { name: task.name, seeds: [{ seed: 0, tasks: [evidence] }] };
  const intervalFor = (metric: ResampledMetric): Interval | null => {
    if (bootstrap.draws === 0 || !hasSeveralRecordings([evidence])) return null;
    const random = seededRandom(seed, 'bootstrap', task.group, metric);
    const [samples] = resampleRows([row], metric, bootstrap.draws, random);
    const shift = metrics[metric] - plainFigure(row, metric); // what the grouping of scores takes away
    const { low, high } = intervalOf(samples, bootstrap.level);
    return { low: low + shift, high: high + shift };
  };
  return { map: intervalFor('map'), f1: intervalFor('f1') };
}

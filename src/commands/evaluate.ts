import { UserError } from '../errors.js';
import type { ClassLabelling } from '../evaluation/protocols/measure.js';
import type { EvaluateJob, EvaluateSummary, SmoothedMeasurement } from '../pipeline/evaluate.js';
import { defineCommand } from './command.js';
import { describeBouts } from './describe-bouts.js';
import { applyOptions, HEADS_OPTIONS, HEADS_POSITIONALS } from './heads-options.js';
import { formatColumns, type Output } from './output.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

export default defineCommand({
  positionals: { ...HEADS_POSITIONALS, data: { ...HEADS_POSITIONALS.data, describe: 'a labelled data set' } },
  options: {
    track: { type: 'string', describe: "the track of labels; else the task's" },
    map: {
      type: 'string',
      describe: "classes of the track to the task's, where names differ: from=to,from=to",
    },
    subset: { type: 'string', describe: 'recordings of this subset only' },
    'with-trained': {
      type: 'boolean',
      default: false,
      describe: 'score recordings that the heads were fitted on, too',
    },
    ...HEADS_OPTIONS,
  },
  example: [
    '$0 evaluate checkpoints/quickstart-heads checkpoints/quickstart-data/store --task task1',
    'figures of stored heads on labelled data',
  ],
  async run(values, context) {
    const outcome = await runJob<EvaluateJob, EvaluateSummary | null>(
      {
        entry: new URL('./trainer/evaluate-entry.js', import.meta.url),
        job: {
          ...applyOptions(values, context),
          datasetFolder: values.data,
          labels: {
            track: values.track ?? null,
            rename: parsePairs(values.map ?? ''),
            subset: values.subset ?? null,
          },
          withTrained: values['with-trained'],
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Score one subset at a time: --subset.',
      },
      context,
    );
    throwIfStopped(outcome);
    const { result } = outcome;
    if (result === null) return;
    tellCaveats(result, context.output);
    context.output.result(result, () => describe(result));
    context.output.next(`whisker report ${quoteForShell(values.run)}`);
  },
});

function parsePairs(text: string): Record<string, string> {
  const pairs = text === '' ? [] : text.split(',').map((pair) => pair.split('=').map((name) => name.trim()));
  const wrong = pairs.find((names) => names.length !== 2 || names.includes(''));
  if (wrong === undefined) return Object.fromEntries(pairs) as Record<string, string>;
  throw new UserError('usage', `--map must be from=to pairs, got ${wrong.join('=')}`, {
    hint: 'Several are joined by commas: --map "sniffing=investigation,mating=mount"',
  });
}

function tellCaveats(result: EvaluateSummary, { message }: Output): void {
  const { leftOut, trainedOn, transductive, unknownClasses, absentClasses, recordings } = result;
  const of = `of ${recordings.length} scored recordings`;
  if (leftOut.length > 0)
    message(
      `Left out, since the heads were fitted on them: ${countRecordings(leftOut)} (--with-trained scores them)`,
    );
  if (trainedOn.length > 0)
    message(`The heads were fitted on ${trainedOn.length} ${of}: this figure says nothing about new ones`);
  if (transductive.length > 0) message(`${transductive.length} ${of} were pretrained on (transductive)`);
  const unknown = Object.entries(unknownClasses).map(([name, frames]) => `${name} (${frames} frames)`);
  if (unknown.length > 0) message(`Not scored, since the task doesn't know them: ${unknown.join(', ')}`);
  if (absentClasses.length > 0)
    message(`No frame carries ${absentClasses.join(', ')}: figures of 0, which pull the means down`);
}

function describe(result: EvaluateSummary): string {
  const { task, features, track, recordings, splits, frames, metrics, classes } = result;
  const { intervals, intervalLevel } = result;
  const overall = [
    ['F1', withInterval(metrics.f1, intervals.f1)],
    [task.startsWith('rats/') ? 'TRIAL' : 'MAP', withInterval(metrics.map, intervals.map)],
    ['Brier', figure(metrics.brier)],
    ['calibration error', figure(metrics.calibrationError)],
  ];
  const perClass = [
    ['class', 'F1', 'precision', 'recall', 'AP', 'chance', 'frames'],
    ...classes.map(({ name, ...own }) => [
      ...[name, figure(own.f1), figure(own.precision), figure(own.recall), figure(own.averagePrecision)],
      ...[figure(own.chance), `${own.support}`],
    ]),
  ];
  const confusion = [
    ['true, predicted:', ...result.taskClasses],
    ...result.confusion.map((counts, label) => [result.taskClasses[label], ...counts.map(String)]),
  ];
  const isSure = Object.values(intervals).some((interval) => interval !== null);
  return [
    `${task} by ${features} on track ${track}: ${countRecordings(recordings)}, ${frames} frames, heads of ${splits.join('; ')}`,
    ...[overall, perClass, confusion].map(formatColumns),
    `Bouts of the most probable class, frame by frame (found at an overlap of a half):\n\n${describeClassBouts(classes)}`,
    ...(result.smoothed === null ? [] : [describeSmoothed(result.smoothed)]),
    isSure
      ? `Intervals: ${Math.round(intervalLevel * 100)} % by the Bayesian bootstrap over recordings.`
      : 'No intervals: they need two recordings, and draws in the settings of the run.',
  ].join('\n\n');
}

function describeClassBouts(classes: readonly ClassLabelling[]): string {
  return formatColumns([
    ['class', 'bout F1', 'precision', 'recall', 'true', 'predicted', 'found', 'onset error'],
    ...classes.map(({ name, bouts }) => [
      ...[name, figure(bouts.f1), figure(bouts.precision), figure(bouts.recall)],
      ...[`${bouts.trueBouts}`, `${bouts.predictedBouts}`, `${bouts.matchedBouts}`],
      bouts.matchedBouts === 0 ? '' : `${bouts.onsetErrorFrames.toFixed(1)} frames`,
    ]),
  ]);
}

function describeSmoothed({ bouts, f1, classes }: SmoothedMeasurement): string {
  return `Labels as predict writes them (${describeBouts(bouts)}, chosen in training): F1 ${figure(f1)}\n\n${describeClassBouts(classes)}`;
}

function countRecordings(recordings: readonly unknown[]): string {
  return `${recordings.length} recording${recordings.length === 1 ? '' : 's'}`;
}

function withInterval(
  value: number,
  interval: { readonly low: number; readonly high: number } | null,
): string {
  return interval === null
    ? figure(value)
    : `${figure(value)} [${figure(interval.low)}, ${figure(interval.high)}]`;
}

function figure(value: number): string {
  return value.toFixed(3);
}

import { UserError } from '../errors.js';
import type { PredictJob, PredictSummary } from '../pipeline/predict.js';
import { PREDICTION_ENDINGS, type PredictionFormat } from '../pipeline/predict-files.js';
import { defineCommand } from './command.js';
import { describeBouts } from './describe-bouts.js';
import { applyOptions, HEADS_OPTIONS, HEADS_POSITIONALS } from './heads-options.js';
import { requireAmount } from './option-values.js';
import { formatColumns } from './output.js';
import { OVERWRITE_OPTION, refuseExisting } from './refuse-existing.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

const FORMATS = Object.keys(PREDICTION_ENDINGS);

export default defineCommand({
  positionals: HEADS_POSITIONALS,
  options: {
    out: { type: 'string', demandOption: true, describe: 'the folder for the predictions' },
    format: { type: 'string', default: 'frames-csv', describe: `one or more of ${FORMATS.join(',')}` },
    'smooth-seconds': {
      type: 'number',
      describe: 'labels come of probabilities averaged over windows this long; else as chosen in training',
    },
    'minimal-bout-seconds': {
      type: 'number',
      describe: 'shorter bouts go to a neighbour; else as chosen in training',
    },
    overwrite: OVERWRITE_OPTION,
    ...HEADS_OPTIONS,
  },
  example: [
    '$0 predict checkpoints/quickstart-heads checkpoints/quickstart-data/store --task task1 --out predictions --format bouts-csv,boris',
    'bouts of every recording',
  ],
  async run(values, context) {
    refuseExisting(values.out, 'predictions.json', values.overwrite);
    const outcome = await runJob<PredictJob, PredictSummary>(
      {
        entry: new URL('./trainer/predict-entry.js', import.meta.url),
        job: {
          ...applyOptions(values, context),
          datasetFolder: values.data,
          outFolder: values.out,
          formats: parseFormats(values.format),
          smoothSeconds: optionalAmount('smooth-seconds', values['smooth-seconds']),
          minimalBoutSeconds: optionalAmount('minimal-bout-seconds', values['minimal-bout-seconds']),
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Cut the longest recordings.',
      },
      context,
    );
    const { result } = outcome;
    const { recordings } = result;
    const count = (is: (one: PredictSummary['recordings'][number]) => boolean) =>
      recordings.filter(is).length;
    const trained = count(({ isTrainedOn }) => isTrainedOn);
    const transductive = count(({ isTransductive }) => isTransductive);
    if (trained > 0) {
      context.output.message(`The heads were fitted on ${trained} of ${recordings.length} recordings`);
    }
    if (transductive > 0) {
      context.output.message(
        `${transductive} of ${recordings.length} recordings were pretrained on (transductive)`,
      );
    }
    context.output.result(result, () => describe(result));
    throwIfStopped(outcome);
    context.output.next(`whisker report ${quoteForShell(values.run)}`);
  },
});

function optionalAmount(option: string, value: number | undefined): number | null {
  return value === undefined ? null : requireAmount(option, value);
}

function parseFormats(text: string): PredictionFormat[] {
  const formats = text.split(',').map((format) => format.trim());
  const unknown = formats.find((format) => !FORMATS.includes(format));
  if (unknown === undefined) return [...new Set(formats)] as PredictionFormat[];
  throw new UserError('usage', `--format must be one or more of ${FORMATS.join(', ')}, got ${unknown}`, {
    hint: 'Several are joined by commas: --format frames-csv,bouts-csv',
  });
}

function describe({ folder, task, features, frames, recordings, classes }: PredictSummary): string {
  const shares = classes.map((name) => {
    const own = recordings.reduce((sum, { framesByClass }) => sum + framesByClass[name], 0);
    return [name, `${own}`, `${((100 * own) / Math.max(1, frames)).toFixed(1)} %`];
  });
  const title = `${folder}  ${recordings.length} recordings, ${frames} frames, ${task} by ${features}`;
  if (recordings.length === 0) return title;
  const table = formatColumns([['class', 'frames', 'share'], ...shares]);
  const how = describeBouts(recordings.map(({ bouts }) => bouts));
  return `${title}\n\n${table}\n\nLabels come of ${how}; probabilities are as they are.`;
}

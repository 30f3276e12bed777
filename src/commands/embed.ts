import { UserError } from '../errors.js';
import type { EmbedJob, EmbedSummary } from '../pipeline/embed.js';
import { defineCommand } from './command.js';
import { DEVICES, requireCount, requireDevice } from './option-values.js';
import { OVERWRITE_OPTION, refuseExisting } from './refuse-existing.js';
import { CHECKPOINT_OPTION } from './run-options.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

export default defineCommand({
  positionals: {
    run: { type: 'string', demandOption: true, describe: 'the folder of a pretraining' },
    data: { type: 'string', demandOption: true, describe: 'a data set with the same keypoints and animals' },
  },
  options: {
    out: { type: 'string', demandOption: true, describe: 'the folder for the features' },
    format: { type: 'string', choices: ['npy', 'csv'], default: 'npy', describe: 'one file a recording' },
    layers: {
      type: 'string',
      default: '-1',
      describe: 'layers whose tokens are taken, e.g. 0,1,-1; negative ones count from the end',
    },
    stride: {
      type: 'number',
      describe:
        'between windows, as a share of a window; left out: half a window, or a whole one if overlaps gain nothing',
    },
    'batch-windows': { type: 'number', default: 64, describe: 'windows at a time' },
    pca: {
      type: 'number',
      describe: 'reduce features to so many principal components, learned in a pass of its own',
    },
    overwrite: OVERWRITE_OPTION,
    checkpoint: CHECKPOINT_OPTION,
    device: { type: 'string', default: 'auto', describe: DEVICES },
  },
  example: [
    '$0 embed checkpoints/quickstart checkpoints/quickstart-data/store --out features',
    'features of every frame',
  ],
  async run(values, context) {
    const layers = values.layers.split(',').map(Number);
    if (layers.some((layer) => !Number.isInteger(layer))) {
      throw new UserError('usage', `--layers must be whole numbers, e.g. 0,1,-1, got ${values.layers}`);
    }
    const { stride = null } = values;
    if (stride !== null && !(stride > 0 && stride <= 1)) {
      throw new UserError('usage', `--stride must be above 0 and at most 1, got ${stride}`);
    }
    refuseExisting(values.out, 'index.json', values.overwrite);
    const outcome = await runJob<EmbedJob, EmbedSummary>(
      {
        entry: new URL('./trainer/embed-entry.js', import.meta.url),
        job: {
          runFolder: values.run,
          checkpoint: values.checkpoint as 'best' | 'last',
          datasetFolder: values.data,
          outFolder: values.out,
          format: values.format as 'npy' | 'csv',
          device: requireDevice(values.device),
          layers,
          stride,
          batchWindows: requireCount('batch-windows', values['batch-windows']),
          components: values.pca === undefined ? null : requireCount('pca', values.pca),
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Lower --batch-windows.',
      },
      context,
    );
    throwIfStopped(outcome);
    const { result } = outcome;
    if (result.seenRecordings.length > 0) {
      context.output.message(
        `${result.seenRecordings.length} of ${result.recordings} recordings were pretrained on (transductive)`,
      );
    }
    context.output.result(result, describe(result));
    context.output.next(`whisker export ${quoteForShell(values.run)} --out encoder.safetensors`);
  },
});

function describe({ folder, frames, width, varianceShares }: EmbedSummary): string {
  const size = `${folder}  ${frames} frames x ${width}`;
  if (varianceShares === null) return size;
  const share = varianceShares.reduce((sum, one) => sum + one, 0);
  return `${size}, principal components with ${(100 * share).toFixed(0)} % of the variance`;
}

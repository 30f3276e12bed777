import type { ExportJob, ExportSummary } from '../pipeline/export.js';
import { defineCommand } from './command.js';
import { requireCount, requireDevice } from './option-values.js';
import { CHECKPOINT_OPTION } from './run-options.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

export default defineCommand({
  positionals: {
    run: { type: 'string', demandOption: true, describe: 'the folder of a pretraining' },
  },
  options: {
    format: {
      type: 'string',
      choices: ['safetensors', 'savedmodel'],
      default: 'safetensors',
      describe: 'parameters alone, or a program that TensorFlow can run',
    },
    out: { type: 'string', demandOption: true, describe: 'the new file, or the new folder of a SavedModel' },
    'batch-windows': { type: 'number', default: 1, describe: 'windows that a SavedModel takes at a time' },
    checkpoint: CHECKPOINT_OPTION,
    device: { type: 'string', default: 'cpu', describe: 'the engine that writes a SavedModel: cpu or cuda' },
  },
  example: ['$0 export checkpoints/quickstart --out encoder.safetensors', 'the encoder for other programs'],
  async run({ run, checkpoint, format, out, device, 'batch-windows': batchWindows }, context) {
    const outcome = await runJob<ExportJob, ExportSummary>(
      {
        entry: new URL('./trainer/export-entry.js', import.meta.url),
        job: {
          runFolder: run,
          checkpoint: checkpoint as 'best' | 'last',
          out,
          format: format as ExportJob['format'],
          device: requireDevice(device),
          batchWindows: requireCount('batch-windows', batchWindows),
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Lower --batch-windows.',
      },
      context,
    );
    throwIfStopped(outcome);
    const { result } = outcome;
    const inputs = Object.entries(result.inputs).map(([name, shape]) => `  ${name} ${shape}`);
    context.output.result(result, [`${result.path}  ${result.parameters} parameters`, ...inputs].join('\n'));
    context.output.next(`whisker report ${quoteForShell(run)}`);
  },
});

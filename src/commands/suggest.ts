import { UserError } from '../errors.js';
import { formatTime, type SuggestJob, type SuggestSummary } from '../pipeline/suggest.js';
import { defineCommand } from './command.js';
import { applyOptions, HEADS_OPTIONS, HEADS_POSITIONALS } from './heads-options.js';
import { requireAmount, requireCount } from './option-values.js';
import { formatColumns } from './output.js';
import { OVERWRITE_OPTION, refuseExisting } from './refuse-existing.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

export default defineCommand({
  positionals: HEADS_POSITIONALS,
  options: {
    out: {
      type: 'string',
      demandOption: true,
      describe: 'the folder for suggestions.csv and suggestions.json',
    },
    count: { type: 'number', default: 20, describe: 'how many stretches' },
    seconds: { type: 'number', default: 10, describe: 'about how long each is' },
    subset: { type: 'string', describe: 'recordings of this subset only' },
    'with-labelled': {
      type: 'boolean',
      default: false,
      describe: 'suggest frames that are labelled already, too, e.g. to look them over',
    },
    overwrite: OVERWRITE_OPTION,
    ...HEADS_OPTIONS,
  },
  example: [
    '$0 suggest checkpoints/quickstart-heads checkpoints/quickstart-data/store --task task1 --out suggestions --count 30',
    'thirty stretches that are worth labelling',
  ],
  async run(values, context) {
    refuseExisting(values.out, 'suggestions.json', values.overwrite);
    const { seconds } = values;
    const count = requireCount('count', values.count);
    if (requireAmount('seconds', seconds) === 0) throw new UserError('usage', '--seconds must be above 0');
    const outcome = await runJob<SuggestJob, SuggestSummary | null>(
      {
        entry: new URL('./trainer/suggest-entry.js', import.meta.url),
        job: {
          ...applyOptions(values, context),
          datasetFolder: values.data,
          outFolder: values.out,
          ...{ count, seconds, subset: values.subset ?? null, withLabelled: values['with-labelled'] },
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Look at one subset at a time: --subset.',
      },
      context,
    );
    throwIfStopped(outcome);
    const { result } = outcome;
    if (result === null) return;
    context.output.result(result, () => describe(result));
    const [run, out] = [values.run, values.out].map(quoteForShell);
    context.output.next(`whisker report ${run} --suggestions ${out}`);
  },
});

function describe({ folder, task, features, list, candidates }: SuggestSummary): string {
  const rows = list.map(({ id, start, stop, framesPerSecond, uncertainty, predicted }, index) => [
    ...[`${index + 1}`, id, formatTime(start / framesPerSecond), formatTime(stop / framesPerSecond)],
    ...[`${start}-${stop}`, uncertainty.toFixed(2), predicted],
  ]);
  const header = ['rank', 'recording', 'from', 'to', 'frames', 'uncertainty', 'predicted'];
  const title = `${folder}  ${list.length} of ${candidates} stretches, ${task} by ${features}`;
  return `${title}\n\n${formatColumns([header, ...rows])}`;
}

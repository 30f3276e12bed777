import { join } from 'node:path';
import type { DeepReadonly } from '../config/freeze.js';
import { loadKind } from '../config/kinds.js';
import { type FinetuneSettings, keepsHeads } from '../config/schema/finetune.js';
import { writeWhole } from '../files/write-whole.js';
import type { FinetuneJob, FinetuneSummary } from '../pipeline/finetune.js';
import { renderCurveCsv, renderCurveText } from '../report/curve.js';
import { renderCsv, renderMarkdown, renderText } from '../report/table.js';
import { defineCommand, SETTINGS_POSITIONAL } from './command.js';
import { givenSettings, RUN_OPTIONS, runFolderOf } from './run-options.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';

type Settings = DeepReadonly<FinetuneSettings>;

export default defineCommand({
  positionals: {
    config: { type: 'string', demandOption: true, describe: 'settings of kind finetune' },
    settings: SETTINGS_POSITIONAL,
  },
  options: {
    ...RUN_OPTIONS,
    format: {
      type: 'string',
      choices: ['text', 'markdown', 'csv'],
      default: 'text',
      describe: 'how the table is printed',
    },
  },
  example: [
    '$0 finetune configs/quickstart-heads.yaml name=first-heads',
    'heads for three tasks, and their controls',
  ],
  async run(values, context) {
    const { config, settings: overrides, format, resume, overwrite } = values;
    const loaded = loadKind('finetune', { file: config, overrides, environment: context.environment });
    const { settings } = loaded;
    const outcome = await runJob<FinetuneJob, FinetuneSummary>(
      {
        entry: new URL('./trainer/finetune-entry.js', import.meta.url),
        job: {
          settings,
          given: givenSettings(loaded),
          folder: runFolderOf(settings.name),
          policy: { resume, overwrite, forceUnlock: values['force-unlock'] },
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Raise head.everyFrames, or lower features.batchWindows.',
      },
      context,
      { tellsEvents: true },
    );
    const { folder, ending, table, results, curve } = outcome.result;
    const { output } = context;
    const write = (name: string, text: string) => writeWhole(join(folder, name), [Buffer.from(text)]);
    if (results.length > 0) {
      write('table.md', renderMarkdown(table));
      write('table.csv', renderCsv(table));
    }
    if (curve !== null) {
      write('curve.json', `${JSON.stringify(curve, null, 2)}\n`);
      write('curve.csv', renderCurveCsv(curve));
    }
    const render = { text: renderText, markdown: renderMarkdown, csv: renderCsv }[format as 'text'];
    const tell = () => [...(curve === null ? [] : [renderCurveText(curve)]), render(table)].join('\n\n');
    output.result({ folder, ending, table, curve }, () => (results.length > 0 ? tell() : 'nothing measured'));
    if (ending === 'stopped') {
      output.next(`whisker finetune ${[config, ...overrides].map(quoteForShell).join(' ')} --resume`);
    } else {
      output.message(`\nThe table is in ${join(folder, 'table.md')} and ${join(folder, 'table.csv')}.`);
      if (curve !== null)
        output.message(`The learning curve is in ${join(folder, 'curve.csv')} and curve.json.`);
      output.next(...adviseUse(settings, outcome.result));
    }
    throwIfStopped(outcome);
  },
});

/** What heads are for: to label recordings, and to be looked at. Not every row keeps them. */
function adviseUse({ data, rows }: Settings, { folder, results }: FinetuneSummary): readonly string[] {
  if (results.length === 0) return [];
  const run = quoteForShell(folder);
  const withHeads = results.filter(({ features }) => rows.includes(features) && keepsHeads(features));
  const tasks = new Set(withHeads.map(({ task }) => task));
  const task = tasks.size > 1 ? ` --task ${quoteForShell(withHeads[0].task)}` : '';
  return [
    ...(withHeads.length === 0
      ? []
      : [`whisker predict ${run} ${quoteForShell(data.folder)}${task} --out predictions`]),
    `whisker report ${run}`,
  ];
}

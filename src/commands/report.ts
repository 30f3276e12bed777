import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { peekSetting } from '../config/load-settings.js';
import { loadFinetuneSettings } from '../pipeline/apply-heads-choose.js';
import type { ReportJob, ReportSummary } from '../pipeline/report.js';
import { encoderFolders } from '../pipeline/run-encoders.js';
import { readRunSettings } from '../pipeline/run-folder.js';
import { isSweep } from '../pipeline/sweep-folder.js';
import { type CommandContext, defineCommand } from './command.js';
import { requireCount } from './option-values.js';
import { quoteForShell } from './shell-words.js';
import { runJob } from './trainer/run-job.js';
import { throwIfStopped } from './trainer/run-trainer.js';
import { readVersion } from './version.js';

export default defineCommand({
  positionals: {
    runs: {
      type: 'string',
      array: true,
      demandOption: true,
      describe:
        'folders of finetunings, pretrainings and sweeps; the pretrainings of a finetuning come along',
    },
  },
  options: {
    out: { type: 'string', describe: 'the HTML file; else report.html in the folder of the first run' },
    title: { type: 'string', describe: 'else the names of the runs' },
    suggestions: { type: 'string', describe: 'a folder that `whisker suggest` has written' },
    recordings: {
      type: 'number',
      default: 20,
      describe: 'most scored recordings with ethogram and poses in the page; figures count all',
    },
  },
  example: ['$0 report checkpoints/quickstart-heads', 'one page with tables, curves, ethograms and poses'],
  async run(values, context) {
    const recordings = requireCount('recordings', values.recordings, 0);
    const runs = sortRuns(values.runs, context);
    const outcome = await runJob<ReportJob, ReportSummary | null>(
      {
        entry: new URL('./trainer/report-entry.js', import.meta.url),
        job: {
          ...runs,
          title: values.title ?? null,
          version: await readVersion(false),
          out: values.out ?? join(values.runs[0], 'report.html'),
          suggestions: values.suggestions ?? null,
          recordings,
        },
        whenParentLost: 'stop',
        memoryRemedy: 'Lower --recordings.',
      },
      context,
    );
    throwIfStopped(outcome);
    const { result } = outcome;
    if (result === null) return;
    for (const note of result.notes) context.output.message(note);
    context.output.result(result, `${result.path}  ${(result.sizeBytes / 1e6).toFixed(1)} MB`);
    const [finetuning] = runs.finetunings;
    if (finetuning !== undefined && values.suggestions === undefined)
      context.output.next(adviseLabels(finetuning));
    else if (runs.sweeps.length > 0)
      context.output.next(`whisker sweep table ${quoteForShell(runs.sweeps[0])} --format latex`);
    else
      context.output.next(
        `whisker export ${quoteForShell(runs.pretrainings[0] ?? values.runs[0])} --out encoder.safetensors`,
      );
  },
});

/** Where more labels would help. */
function adviseLabels({ folder, settings: { data, protocol } }: ReportJob['finetunings'][number]): string {
  // Heads of a single task need no name; of several, `suggest` lists them.
  const task = protocol.type === 'own' ? ['--task', protocol.tracks[0]] : [];
  const words = [folder, data.folder, ...task, '--out', 'suggestions'];
  return `whisker suggest ${words.map(quoteForShell).join(' ')}`;
}

/** Sweeps, finetunings with the pretrainings behind them, and pretrainings that were named. @throws UserError for other folders */
function sortRuns(
  folders: readonly string[],
  context: CommandContext,
): Pick<ReportJob, 'finetunings' | 'pretrainings' | 'sweeps'> {
  const finetunings: ReportJob['finetunings'][number][] = [];
  const pretrainings: string[] = [];
  const sweeps = folders.filter(isSweep);
  for (const folder of folders.filter((other) => !isSweep(other))) {
    readRunSettings(folder);
    const source = { file: join(folder, 'settings.json'), overrides: [], environment: context.environment };
    if (peekSetting(source, 'kind').value === 'pretrain') {
      pretrainings.push(folder);
      continue;
    }
    const settings = loadFinetuneSettings(folder, context.environment);
    finetunings.push({ folder, settings });
    const behind = settings.seeds.flatMap((seed) => encoderFolders(settings, seed));
    pretrainings.push(...behind.filter((other) => existsSync(join(other, 'settings.json'))));
  }
  return { finetunings, pretrainings: [...new Set(pretrainings)], sweeps };
}

import { keepSweepTable, listRuns } from '../pipeline/sweep-results.js';
import {
  renderSweepCsv,
  renderSweepLatex,
  renderSweepMarkdown,
  renderSweepText,
} from '../report/sweep-table.js';
import { defineCommand } from './command.js';
import { quoteForShell } from './shell-words.js';
import { SWEEP_POSITIONAL } from './sweep-runner.js';

const RENDERERS = {
  text: renderSweepText,
  markdown: renderSweepMarkdown,
  csv: renderSweepCsv,
  latex: renderSweepLatex,
} as const;

export default defineCommand({
  positionals: { sweep: SWEEP_POSITIONAL },
  options: {
    format: {
      type: 'string',
      choices: ['text', 'markdown', 'csv', 'latex'],
      default: 'text',
      describe: 'how it is printed; --json prints it whole, with the folders of all runs',
    },
  },
  example: ['$0 sweep table checkpoints/objectives --format latex', 'what is known so far, for a paper'],
  async run({ sweep, format }, { output }) {
    const table = keepSweepTable(sweep);
    const render = RENDERERS[format as keyof typeof RENDERERS];
    output.result({ ...table, jobs: listRuns(sweep) }, () => render(table));
    output.next(`whisker sweep status ${quoteForShell(sweep)}`);
  },
});

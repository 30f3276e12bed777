import type { HeadsReport } from '../../report-data.js';
import { drawResults } from '../charts.js';
import { figure, h } from '../dom.js';
import { type BuildSection, type PageWorld, section, slot } from '../section.js';
import { commonFlags, differencesTable, resultsTable } from '../tables.js';
import { readTheme } from '../theme.js';

export const buildResults: BuildSection = (world) => {
  const { heads } = world.model.data;
  if (heads.length === 0) return null;
  return section('results', 'Results', ...heads.map((run) => resultsOf(run, heads.length > 1, world)));
};

function resultsOf(run: HeadsReport, isNamed: boolean, world: PageWorld): HTMLElement {
  const { rows, differences, notes } = run.table;
  const common = commonFlags(run);
  const remarks = common.length === 0 ? [] : [`Every measured row: ${common.join(', ')}.`];
  return h(
    'div',
    {},
    isNamed ? h('h3', {}, h('bdi', {}, run.name)) : null,
    resultsTable(run),
    figure(
      'Every row with its interval.',
      `Hollow: controls${rows.some(isFromPaper) ? ', and figures from papers' : ''}. Dashed: chance.`,
      slot(world, () => drawResults(run, readTheme())),
    ),
    differences.length === 0
      ? null
      : h(
          'details',
          {},
          h('summary', {}, `Differences to the controls (${differences.length})`),
          differencesTable(run),
        ),
    h('p', { class: 'fine' }, [...remarks, ...notes].join(' ')),
  );
}

function isFromPaper({ status }: HeadsReport['table']['rows'][number]): boolean {
  return status === 'published' || status === 'unverified';
}

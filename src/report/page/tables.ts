import type { ClassMeasurement } from '../../evaluation/protocols/measure.js';
import type { FactGroup, HeadsReport, SuggestedStretch, SweepReport } from '../report-data.js';
import { h, table } from './dom.js';
import { clock, grouped, ratio, signed } from './numbers.js';
import type { Place } from './place.js';

/** What is remarked on every measured row: told once, below the table. */
export function commonFlags({ table: { rows } }: HeadsReport): string[] {
  const measured = rows.filter(({ status }) => status === 'measured');
  return (measured[0]?.flags ?? []).filter((flag) => measured.every(({ flags }) => flags.includes(flag)));
}

/** Figures with their intervals, row by row. */
export function resultsTable(run: HeadsReport): HTMLElement {
  const { columns, rows } = run.table;
  const common = commonFlags(run);
  const remarks = rows.map(({ status, flags }) =>
    [
      ...(status === 'measured' || status === 'chance' ? [] : [status]),
      ...flags.filter((flag) => !common.includes(flag)),
    ].join(', '),
  );
  const hasRemarks = remarks.some((remark) => remark !== '');
  const header = [
    'features',
    ...columns.map(({ title }) => title),
    'seeds',
    ...(hasRemarks ? ['remark'] : []),
  ];
  const lines = rows.map(({ name, seeds, cells }, index) => [
    h('bdi', {}, name),
    ...cells.map((cell) =>
      cell === null
        ? h('span', { class: 'none' }, '–')
        : h(
            'span',
            {},
            ratio(cell.value),
            cell.interval === null
              ? null
              : h('small', { class: 'range' }, `[${ratio(cell.interval.low)}, ${ratio(cell.interval.high)}]`),
          ),
    ),
    seeds === 0 ? '' : String(seeds),
    ...(hasRemarks ? [remarks[index]] : []),
  ]);
  return table(header, lines, { class: 'figures' });
}

/** Every difference to a control. */
export function differencesTable({ table: results }: HeadsReport): HTMLElement {
  const rows = results.differences.map(({ row, control, column, value, low, high, correctedP }) => [
    h('bdi', {}, row),
    h('bdi', {}, control),
    column,
    h(
      'span',
      {},
      h('b', { class: low > 0 || high < 0 ? 'clear' : '' }, signed(value)),
      h('small', {}, ` [${signed(low)}, ${signed(high)}]`),
    ),
    correctedP < 0.001 ? '< .001' : ratio(correctedP),
  ]);
  return table(['features', 'against', 'figure', 'difference', 'p (Holm)'], rows, { class: 'figures' });
}

/** What each scored class is worth. */
export function classesTable(classes: readonly ClassMeasurement[]): HTMLElement {
  const rows = classes.map(({ name, f1, precision, recall, averagePrecision, chance, support, bouts }) => [
    h('bdi', {}, name),
    ...[ratio(averagePrecision), ratio(chance), ratio(f1), ratio(precision), ratio(recall), grouped(support)],
    ...[ratio(bouts.f1), ratio(bouts.precision), ratio(bouts.recall), grouped(bouts.trueBouts)],
    Number.isFinite(bouts.onsetErrorFrames ?? Number.NaN) ? bouts.onsetErrorFrames.toFixed(1) : '–',
  ]);
  const header = [
    'class',
    'AP',
    'chance',
    'F1',
    'precision',
    'recall',
    'frames',
    'bout F1',
    'bout precision',
    'bout recall',
    'bouts',
    'onset error (frames)',
  ];
  return table(header, rows, { class: 'figures' });
}

/** What to label next, each stretch with its button where its poses are in the page. */
export function suggestionsTable(
  list: readonly SuggestedStretch[],
  onPlay: (place: Place, why: string) => void,
): HTMLElement {
  const rows = list.map(({ recording, id, start, stop, framesPerSecond, uncertainty, predicted }, index) => [
    String(index + 1),
    recording === null
      ? ''
      : h(
          'button',
          {
            type: 'button',
            'aria-label': `Play suggestion ${index + 1}`,
            onclick: () => onPlay({ recording, start, stop }, `suggestion ${index + 1}`),
          },
          '▶',
        ),
    h('bdi', {}, id),
    `${clock(start / framesPerSecond)} – ${clock(stop / framesPerSecond)}`,
    `${grouped(start)} – ${grouped(stop)}`,
    ratio(uncertainty),
    h('bdi', { class: 'wrap' }, predicted.replaceAll(' %', '\u00a0%')),
  ]);
  return table(['rank', '', 'recording', 'time (min:s)', 'frames', 'uncertainty', 'predicted'], rows, {
    class: 'figures words',
  });
}

/** One of a sweep's tables, the header first. */
export function sweepTable([header, ...rows]: SweepReport['tables'][number]): HTMLElement {
  return table(
    header,
    rows.map((row) => row.map((text) => h('bdi', {}, text))),
    { class: 'figures' },
  );
}

/** Settings, versions and hashes of a run. */
export function factsOf(name: string, groups: readonly FactGroup[]): HTMLElement {
  return h(
    'details',
    { class: 'facts' },
    h('summary', {}, h('bdi', {}, name)),
    ...groups.map(({ title, facts }) =>
      h(
        'section',
        {},
        h('h4', {}, title),
        h('dl', {}, ...facts.flatMap(([key, value]) => [h('dt', {}, key), h('dd', {}, value)])),
      ),
    ),
  );
}

import * as Plot from '@observablehq/plot';
import type { HeadsReport, LearningCurve, PrecisionRecallCurve, PretrainingReport } from '../report-data.js';
import { h } from './dom.js';
import { ratio } from './numbers.js';
import type { Theme } from './theme.js';

type Marks = NonNullable<Plot.PlotOptions['marks']>;

/** What all charts share; `label` names the picture for those who don't see it. */
function chart(theme: Theme, label: string, options: Plot.PlotOptions, marks: Marks): HTMLElement {
  const drawn = Plot.plot({
    ...options,
    marks,
    style: {
      background: 'transparent',
      color: theme.ink,
      fontFamily: 'inherit',
      fontSize: '12px',
      overflow: 'visible',
    },
  });
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', label);
  return drawn as HTMLElement;
}

/** One small picture for each column of a table: every row with its interval, controls hollow, chance as a line. */
export function drawResults({ table }: HeadsReport, theme: Theme): HTMLElement {
  const controls = new Set(table.differences.map(({ control }) => control));
  const chanceRow = table.rows.find(({ status }) => status === 'chance');
  const pictures = table.columns.map(({ title }, column) => {
    const points = table.rows.flatMap(({ name, status, cells }) => {
      const cell = cells[column];
      if (cell === null || status === 'chance') return [];
      const { value, interval } = cell;
      const isHollow = controls.has(name) || status !== 'measured' || name.includes('(labels shifted)');
      return [{ name, value, low: interval?.low ?? value, high: interval?.high ?? value, isHollow }];
    });
    const chance = chanceRow?.cells[column]?.value;
    const colour = theme.palette[0];
    const drawn = chart(
      theme,
      `${title} of every row with its interval`,
      {
        width: 480,
        height: 50 + 22 * points.length,
        marginLeft: 190,
        marginRight: 16,
        marginBottom: 38,
        x: { domain: [0, 1], ticks: 5, label: title, tickFormat: tickText },
        y: { domain: points.map(({ name }) => name), label: null, tickSize: 0, tickFormat: shorten },
      },
      [
        Plot.gridX({ ticks: 5, stroke: theme.line, strokeOpacity: 1 }),
        chance === undefined ? null : Plot.ruleX([chance], { stroke: theme.faint, strokeDasharray: '3,3' }),
        Plot.ruleY(points, { x1: 'low', x2: 'high', y: 'name', stroke: colour, strokeWidth: 2 }),
        Plot.dot(points, {
          x: 'value',
          y: 'name',
          r: 4.5,
          stroke: colour,
          strokeWidth: 2,
          fill: (point: { isHollow: boolean }) => (point.isHollow ? theme.paper : colour),
          title: ({ name, value, low, high }: (typeof points)[number]) =>
            `${name}: ${ratio(value)} [${ratio(low)}, ${ratio(high)}]`,
        }),
      ],
    );
    return h('div', { class: 'picture' }, drawn);
  });
  return h('div', { class: 'grid' }, ...pictures);
}

/** Precision over recall of each class; chance as a faint line in its colour. */
export function drawPrecisionRecall(
  curves: readonly PrecisionRecallCurve[],
  colours: readonly string[],
  theme: Theme,
): HTMLElement {
  const points = curves.flatMap(({ name, points }) =>
    points.map(([recall, precision]) => ({ name, recall, precision })),
  );
  return chart(
    theme,
    'Precision over recall of each class',
    {
      width: 460,
      height: 380,
      marginLeft: 44,
      marginBottom: 40,
      x: { domain: [0, 1], label: 'recall', labelAnchor: 'center', ticks: 5, tickFormat: tickText },
      y: { domain: [0, 1], label: 'precision', labelAnchor: 'center', ticks: 5, tickFormat: tickText },
      color: { domain: curves.map(({ name }) => name), range: [...colours] },
    },
    [
      Plot.gridX({ ticks: 5, stroke: theme.line, strokeOpacity: 1 }),
      Plot.gridY({ ticks: 5, stroke: theme.line, strokeOpacity: 1 }),
      Plot.ruleY(curves, { y: 'chance', stroke: 'name', strokeDasharray: '2,4', strokeOpacity: 0.8 }),
      Plot.line(points, { x: 'recall', y: 'precision', z: 'name', stroke: 'name', strokeWidth: 2 }),
    ],
  );
}

/** A picture for each column: rows over the number of labels. */
export function drawLearningCurves(curves: readonly LearningCurve[], theme: Theme): HTMLElement {
  const columns = [...new Set(curves.map(({ column, unit }) => JSON.stringify([column, unit])))];
  const names = [...new Set(curves.map(({ features }) => features))];
  const color = {
    domain: names,
    range: names.map((_, index) => theme.palette[index % theme.palette.length]),
  };
  const pictures = columns.map((key) => {
    const [column, unit] = JSON.parse(key) as [string, string];
    const own = curves.filter((curve) => curve.column === column && curve.unit === unit);
    const points = own.flatMap(({ features, points }) =>
      points.map(({ amount, cell }) => ({
        features,
        amount,
        value: cell.value,
        low: cell.interval?.low ?? cell.value,
        high: cell.interval?.high ?? cell.value,
      })),
    );
    const label = unit === 'share' ? 'share of the training recordings' : `labelled ${unit}`;
    return h(
      'div',
      { class: 'picture' },
      chart(
        theme,
        `${column} over ${label}`,
        {
          width: 430,
          height: 300,
          marginLeft: 44,
          marginBottom: 40,
          x: {
            type: 'log',
            label,
            labelAnchor: 'center',
            ticks: [...new Set(points.map(({ amount }) => amount))],
            tickFormat: String,
          },
          y: { label: column, grid: true, tickFormat: tickText },
          color,
        },
        [
          Plot.areaY(points, { x: 'amount', y1: 'low', y2: 'high', fill: 'features', fillOpacity: 0.12 }),
          Plot.lineY(points, { x: 'amount', y: 'value', stroke: 'features', strokeWidth: 2 }),
          Plot.dot(points, { x: 'amount', y: 'value', fill: 'features', r: 3.5 }),
        ],
      ),
    );
  });
  return h('div', {}, legendOf(names, color.range), h('div', { class: 'grid' }, ...pictures));
}

/** A picture for each curve of pretrainings, a line each, a colour for each group; guards lie over their healthy range. */
export function drawTraining(runs: readonly PretrainingReport[], theme: Theme): HTMLElement {
  const names = [...new Set(runs.map(({ group }) => group))];
  const color = {
    domain: names,
    range: names.map((_, index) => theme.palette[index % theme.palette.length]),
  };
  const curveNames = [...new Set(runs.flatMap(({ curves }) => curves.map(({ name }) => name)))];
  const guardNames = [...new Set(runs.flatMap(({ guards }) => guards.map(({ name }) => name)))];
  const pointsOf = (kind: 'curves' | 'guards', curve: string) =>
    runs.flatMap((run) =>
      (run[kind].find(({ name }) => name === curve)?.points ?? []).map(([step, value]) => ({
        run: run.name,
        group: run.group,
        step,
        value,
      })),
    );
  const draw = (kind: 'curves' | 'guards', curve: string) => {
    const points = pointsOf(kind, curve);
    const healthy = runs
      .flatMap(({ guards }) => guards.find(({ name }) => name === curve)?.healthy ?? [])
      .slice(0, 2);
    const values = points.map(({ value }) => value);
    const range = [Math.min(...values), Math.max(...values)];
    const [low, high] =
      kind === 'guards' ? [Math.max(healthy[0], range[0] - 1), Math.min(healthy[1], range[1] + 1)] : [0, 0];
    return h(
      'div',
      { class: 'picture' },
      chart(
        theme,
        `${curve} over training steps`,
        {
          width: 340,
          height: 200,
          marginLeft: 52,
          marginBottom: 34,
          x: { label: 'step', labelAnchor: 'center', ticks: 4 },
          y: { label: curve, ticks: 4, grid: true, inset: 4, ...(kind === 'guards' ? { nice: true } : {}) },
          color,
        },
        [
          kind === 'guards' && healthy.length === 2
            ? Plot.rect([0], { y1: low, y2: high, fill: theme.palette[2], fillOpacity: 0.1 })
            : null,
          Plot.lineY(points, { x: 'step', y: 'value', z: 'run', stroke: 'group', strokeWidth: 1.5 }),
          points.length <= 12 * runs.length
            ? Plot.dot(points, { x: 'step', y: 'value', fill: 'group', r: 2.5 })
            : null,
        ],
      ),
    );
  };
  return h(
    'div',
    {},
    legendOf(names, color.range),
    h(
      'div',
      { class: 'grid small' },
      ...curveNames.map((name) => draw('curves', name)),
      ...guardNames.map((name) => draw('guards', name)),
    ),
  );
}

export function legendOf(names: readonly string[], colours: readonly string[]): HTMLElement {
  return h(
    'div',
    { class: 'legend' },
    ...names.map((name, index) =>
      h('span', {}, h('i', { style: `background:${colours[index]}` }), h('bdi', {}, name)),
    ),
  );
}

/** Names that fit beside a picture; the table has them whole. */
function shorten(name: string): string {
  return name.length <= 30 ? name : `${name.slice(0, 29)}…`;
}

function tickText(value: number): string {
  return value === 0 || value === 1 ? String(value) : String(value).replace(/^(-?)0\./, '$1.');
}

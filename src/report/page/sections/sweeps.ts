import { drawTraining } from '../charts.js';
import { figure, h } from '../dom.js';
import { type BuildSection, section, slot } from '../section.js';
import { sweepTable } from '../tables.js';
import { readTheme } from '../theme.js';

export const buildSweeps: BuildSection = (world) => {
  const { sweeps } = world.model.data;
  if (sweeps.length === 0) return null;
  const parts = sweeps.map(({ name, tables: [means, ...others], notes, pretrainings }) =>
    h(
      'div',
      {},
      h('h3', {}, h('bdi', {}, name)),
      means === undefined ? null : sweepTable(means),
      ...others.map((rows) =>
        h(
          'details',
          {},
          h('summary', {}, rows[0][0] === 'class' ? 'Classes' : `Differences (${rows.length - 1})`),
          sweepTable(rows),
        ),
      ),
      ...notes.map((note) => h('p', { class: 'fine' }, note)),
      pretrainings.length === 0
        ? null
        : figure(
            'Losses, optimiser and guards of all jobs over training steps.',
            'A line a run, a colour a variant. Green bands: healthy ranges.',
            slot(world, () => drawTraining(pretrainings, readTheme())),
          ),
    ),
  );
  return section('sweeps', 'Sweeps', ...parts);
};

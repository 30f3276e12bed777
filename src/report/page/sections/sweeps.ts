import { h } from '../dom.js';
import { type BuildSection, section } from '../section.js';
import { sweepTable } from '../tables.js';

export const buildSweeps: BuildSection = ({ model }) => {
  const { sweeps } = model.data;
  if (sweeps.length === 0) return null;
  return section(
    'sweeps',
    'Sweeps',
    ...sweeps.map((sweep) => h('div', {}, h('h3', {}, h('bdi', {}, sweep.name)), sweepTable(sweep))),
  );
};

import type { MapReport } from '../../report-data.js';
import { figure, h } from '../dom.js';
import { createEmbeddingView, type EmbeddingView } from '../embedding.js';
import { type BuildSection, section } from '../section.js';

export const buildMap: BuildSection = ({ model, play, onRedraw }) => {
  if (model.pictured.every(({ map }) => map === null)) return null;
  const place = h('div');
  let view: EmbeddingView | null = null;
  let shown = -1;
  const fill = () => {
    const { run } = model.selection();
    const { map } = model.run();
    if (run === shown) return view?.draw();
    shown = run;
    if (map === null) {
      view = null;
      place.replaceChildren(h('p', { class: 'none' }, 'There is no map for this run.'));
      return;
    }
    view = createEmbeddingView(model, map, (stretch) => play(stretch, 'map'));
    place.replaceChildren(view.element, h('p', { class: 'fine' }, describe(map)));
    if (place.isConnected) view.draw();
  };
  fill();
  model.onSelect(fill);
  onRedraw(() => view?.draw());
  return section(
    'map',
    'Map',
    figure('Frames by what a head sees of them.', 'Click a point to play it.', place),
  );
};

function describe({ task, features, split, varianceShares }: MapReport): string {
  const shares = varianceShares.map((share) => `${(100 * share).toFixed(0)} %`).join(' and ');
  return `Inputs of the head of ${task} on ${features}, ${split}. The two principal components carry ${shares} of the variance. UMAP keeps neighbours together; distances between groups mean little.`;
}

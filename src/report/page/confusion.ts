import { h, table } from './dom.js';
import { findStretches } from './find-stretches.js';
import type { Model } from './model.js';
import { clock, grouped } from './numbers.js';
import type { Place } from './place.js';

/** Stretches of a cell that are listed. */
const MOST_STRETCHES = 12;

/** True classes by predicted ones; a cell lists its longest stretches in the recordings of the page. */
export function createConfusion(model: Model, onPlay: (place: Place, why: string) => void): HTMLElement {
  const { classes } = model.task();
  const { confusion } = model.row();
  const list = h('div', { class: 'stretches' });
  const rows = confusion.map((counts, label) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return [
      h('bdi', {}, classes[label]),
      ...counts.map((count, predicted) => {
        const share = total === 0 ? 0 : count / total;
        const button = h(
          'button',
          {
            type: 'button',
            class: label === predicted ? 'cell hit' : 'cell miss',
            style: `--share:${share.toFixed(4)}`,
            title: `${grouped(count)} frames of ${classes[label]} predicted as ${classes[predicted]}`,
            onclick: () => listStretches(model, list, label, predicted, onPlay),
          },
          h('b', {}, total === 0 ? '–' : `${(100 * share).toFixed(1)} %`),
          h('small', {}, grouped(count)),
        );
        return button;
      }),
    ];
  });
  const header = [
    h('span', { class: 'corner' }, 'true ↓  predicted →'),
    ...classes.map((name) => h('bdi', {}, name)),
  ];
  return h('div', {}, table(header, rows, { class: 'confusion' }), list);
}

function listStretches(
  model: Model,
  list: HTMLElement,
  label: number,
  predicted: number,
  onPlay: (place: Place, why: string) => void,
): void {
  const { classes } = model.task();
  const why =
    label === predicted ? `${classes[label]}, found` : `${classes[label]} taken for ${classes[predicted]}`;
  const found = findStretches(model.tracks(), label, predicted, MOST_STRETCHES);
  const recordings = model.data.poses?.recordings ?? [];
  list.replaceChildren(
    h(
      'p',
      {},
      found.length === 0 ? `${why}: none in the recordings of this page` : `${why}: the longest stretches`,
    ),
    ...found.map((place) => {
      const { id, framesPerSecond } = recordings[place.recording];
      const text = `${clock(place.start / framesPerSecond)}, ${((place.stop - place.start) / framesPerSecond).toFixed(1)} s`;
      return h('button', { type: 'button', onclick: () => onPlay(place, why) }, h('bdi', {}, id), ` ${text}`);
    }),
  );
  if (found.length > 0) onPlay(found[0], why);
}

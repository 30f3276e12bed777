import type { MapReport } from '../report-data.js';
import { fitCanvas, widthOf } from './canvas.js';
import { h, toggle } from './dom.js';
import type { Model } from './model.js';
import { clock } from './numbers.js';
import type { Place } from './place.js';
import { classColours, readTheme } from './theme.js';

const METHODS = ['UMAP', 'PCA'] as const;
const COLOURINGS = ['true class', 'predicted class', 'recording'] as const;
const EDGE = 14;

export interface EmbeddingView {
  readonly element: HTMLElement;
  draw(): void;
}

/** A point for each of some frames, placed by what the heads see; click or Enter plays the frame. */
export function createEmbeddingView(
  model: Model,
  map: MapReport,
  onPlay: (place: Place) => void,
): EmbeddingView {
  const places = model.blob.int32(map.places);
  const planes = [model.blob.uint16(map.umap), model.blob.uint16(map.principal)];
  const count = places.length / 2;
  let method = 0;
  let colouring = 0;
  let near: number | null = null;
  const canvas = h('canvas', {
    tabindex: 0,
    role: 'img',
    'aria-label': 'Map of frames. Arrows go from point to point, Enter plays.',
  });
  const legend = h('div', { class: 'legend' });
  const readout = h('output', { class: 'readout' });
  const size = () => {
    const width = widthOf(canvas, 640);
    return { width, height: Math.min(width, 520) };
  };
  const position = (point: number): [number, number] => {
    const { width, height } = size();
    const plane = planes[method];
    return [
      EDGE + (plane[2 * point] / 65_535) * (width - 2 * EDGE),
      height - EDGE - (plane[2 * point + 1] / 65_535) * (height - 2 * EDGE),
    ];
  };
  const labelOf = (point: number, which: 'truth' | 'predicted'): number =>
    model.trackOf(places[2 * point])?.[which][places[2 * point + 1]] ?? -1;

  const draw = () => {
    const theme = readTheme();
    const { width, height } = size();
    const context = fitCanvas(canvas, width, height);
    const task = model.task();
    const classes = classColours(task.classes, task.scoredClasses, theme);
    const recordings = model.data.poses?.recordings ?? [];
    const hue = (index: number) => `hsl(${(index * 137.5) % 360} ${theme.isDark ? '60% 65%' : '65% 42%'})`;
    const colourOf = (point: number): string | null => {
      if (colouring === 2) return hue(places[2 * point]);
      const label = labelOf(point, colouring === 0 ? 'truth' : 'predicted');
      return label < 0 ? null : classes[label];
    };
    context.globalAlpha = 0.75;
    // What is not scored lies below what is.
    const order = [...Array(count).keys()].sort(
      (a, b) => Number(colourOf(b) === theme.grey) - Number(colourOf(a) === theme.grey),
    );
    for (const point of order) {
      const colour = colourOf(point);
      context.beginPath();
      context.arc(...position(point), 2.6, 0, 2 * Math.PI);
      if (colour === null) {
        context.strokeStyle = theme.line;
        context.lineWidth = 1;
        context.stroke();
      } else {
        context.fillStyle = colour;
        context.fill();
      }
    }
    context.globalAlpha = 1;
    if (near !== null) {
      context.beginPath();
      context.arc(...position(near), 6, 0, 2 * Math.PI);
      context.strokeStyle = theme.ink;
      context.lineWidth = 1.5;
      context.stroke();
    }
    const entries =
      colouring === 2
        ? recordings.map(({ id }, index) => [id, hue(index)] as const)
        : task.classes.map((name, index) => [name, classes[index]] as const);
    legend.replaceChildren(
      ...entries.map(([name, colour]) =>
        h('span', {}, h('i', { style: `background:${colour}` }), h('bdi', {}, name)),
      ),
    );
    canvas.dataset.drawn = METHODS[method];
  };

  const tell = () => {
    if (near === null) {
      readout.textContent = '';
      return;
    }
    const about = model.data.poses?.recordings[places[2 * near]];
    const name = (label: number) => (label < 0 ? 'not annotated' : model.task().classes[label]);
    const time = clock(places[2 * near + 1] / (about?.framesPerSecond ?? 30));
    readout.textContent = `${about?.id} ${time} · true ${name(labelOf(near, 'truth'))} · predicted ${name(labelOf(near, 'predicted'))}`;
  };
  const play = () => {
    if (near === null) return;
    const [recording, frame] = [places[2 * near], places[2 * near + 1]];
    const about = model.data.poses?.recordings[recording];
    if (about === undefined) return;
    const reach = Math.round(1.5 * about.framesPerSecond);
    onPlay({ recording, start: Math.max(0, frame - reach), stop: Math.min(about.frames, frame + reach) });
  };
  const pick = (clientX: number, clientY: number) => {
    const edge = canvas.getBoundingClientRect();
    const [x, y] = [clientX - edge.left, clientY - edge.top];
    let closest = 18 ** 2;
    near = null;
    for (let point = 0; point < count; point++) {
      const [ownX, ownY] = position(point);
      const distance = (ownX - x) ** 2 + (ownY - y) ** 2;
      if (distance < closest) {
        closest = distance;
        near = point;
      }
    }
    tell();
    draw();
  };
  canvas.addEventListener('pointermove', (event) => pick(event.clientX, event.clientY));
  canvas.addEventListener('click', (event) => {
    pick(event.clientX, event.clientY);
    play();
  });
  canvas.addEventListener('keydown', (event) => {
    const turn = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (turn !== undefined) near = ((near ?? 0) + turn + count) % count;
    else if (event.key !== 'Enter') return;
    event.preventDefault();
    tell();
    draw();
    if (event.key === 'Enter') play();
  });
  return {
    element: h(
      'div',
      {},
      h(
        'div',
        { class: 'bar' },
        toggle('Map', METHODS, 0, (index) => {
          method = index;
          draw();
        }),
        toggle('Colour', COLOURINGS, 0, (index) => {
          colouring = index;
          draw();
        }),
      ),
      legend,
      canvas,
      readout,
    ),
    draw,
  };
}

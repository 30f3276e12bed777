import { fitCanvas, widthOf } from './canvas.js';
import { h } from './dom.js';
import { drawConfidence, drawLabels, drawTimeAxis, type Range } from './label-strip.js';
import type { Track } from './model.js';
import { clock } from './numbers.js';
import type { Place } from './place.js';
import { classColours, readTheme } from './theme.js';

const GUTTER = 72;
const STRIP = 18;
const GAP = 2;
const CONFIDENCE = 14;
const HEIGHT = 2 * STRIP + GAP + CONFIDENCE + 6 + 20;
/** The least that is shown, in seconds. */
const CLOSEST = 2;

export interface Ethogram {
  readonly element: HTMLElement;
  draw(): void;
  /** Marks the frame that the player shows; null: none. */
  mark(frame: number | null): void;
}

/**
 * True over predicted classes of a recording along time, the probability of the prediction below. Wheel and + - zoom, drag
 * and arrows move, double click and 0 show all, click and Enter play.
 */
export function createEthogram(track: Track, onPlay: (place: Place) => void): Ethogram {
  const { about, recording } = track;
  const rate = about.framesPerSecond;
  let range: Range = { start: 0, stop: about.frames };
  let cursor: number | null = null;
  let marked: number | null = null;
  const canvas = h('canvas', {
    tabindex: 0,
    role: 'img',
    'aria-label': `Ethogram of ${about.id}: true over predicted. Plus and minus zoom, arrows move, Enter plays.`,
  });
  const tip = h('output', { class: 'readout' });
  const element = h(
    'div',
    { class: 'ethogram' },
    h('div', { class: 'strip-title' }, h('bdi', {}, about.id), tip),
    canvas,
  );
  const width = () => widthOf(canvas, 900);
  const frameAt = (clientX: number) => {
    const share = (clientX - canvas.getBoundingClientRect().left - GUTTER) / Math.max(1, width() - GUTTER);
    return Math.min(
      about.frames - 1,
      Math.max(0, Math.floor(range.start + share * (range.stop - range.start))),
    );
  };

  const draw = () => {
    const theme = readTheme();
    const { task, row, truth, predicted, confidence } = track;
    const colours = classColours(task.classes, task.scoredClasses, theme);
    const isScored = task.classes.map((name) => task.scoredClasses.includes(name));
    const context = fitCanvas(canvas, width(), HEIGHT);
    const place = { left: GUTTER, top: 0, width: width() - GUTTER, height: STRIP };
    context.fillStyle = theme.line;
    context.fillRect(place.left, 0, place.width, STRIP);
    context.fillRect(place.left, STRIP + GAP, place.width, STRIP);
    drawLabels(context, truth, colours, isScored, range, place);
    drawLabels(context, predicted, colours, isScored, range, { ...place, top: STRIP + GAP });
    const below = { ...place, top: 2 * STRIP + GAP + 4, height: CONFIDENCE };
    drawConfidence(context, confidence, theme.faint, range, below);
    const axis = { ...below, top: below.top + CONFIDENCE + 2 };
    drawTimeAxis(context, range, rate, axis, { text: theme.faint, line: theme.line });
    context.fillStyle = theme.faint;
    context.font = '11px system-ui, sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillText('true', GUTTER - 8, STRIP / 2);
    context.fillText('predicted', GUTTER - 8, STRIP + GAP + STRIP / 2);
    context.fillText('p', GUTTER - 8, below.top + CONFIDENCE / 2);
    for (const frame of [cursor, marked]) {
      if (frame === null || frame < range.start || frame >= range.stop) continue;
      const x = place.left + ((frame - range.start) / (range.stop - range.start)) * place.width;
      context.fillStyle = theme.ink;
      context.fillRect(Math.round(x) - 0.5, 0, frame === marked ? 2 : 1, axis.top);
    }
    canvas.dataset.drawn = row.features;
  };

  const show = (start: number, length: number) => {
    const size = Math.min(about.frames, Math.max(CLOSEST * rate, length));
    const from = Math.min(about.frames - size, Math.max(0, start));
    range = { start: from, stop: from + size };
    draw();
  };
  const zoom = (factor: number, around: number) => {
    const length = (range.stop - range.start) * factor;
    show(around - ((around - range.start) / (range.stop - range.start)) * length, length);
  };
  const tell = (frame: number) => {
    const { task, truth, predicted } = track;
    const name = (label: number) => (label < 0 ? 'not annotated' : task.classes[label]);
    tip.textContent = `${clock(frame / rate)} · true ${name(truth[frame])} · predicted ${name(predicted[frame])}`;
  };
  const play = (frame: number) => {
    const reach = Math.round(2 * rate);
    onPlay({
      recording,
      start: Math.max(0, frame - reach),
      stop: Math.min(about.frames, frame + 3 * reach),
    });
  };

  canvas.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.shiftKey && document.activeElement !== canvas) return; // the page scrolls
      event.preventDefault();
      zoom(Math.exp(Math.sign(event.deltaY) * 0.25), frameAt(event.clientX));
    },
    { passive: false },
  );
  let dragged: { from: number; start: number; moved: boolean } | null = null;
  canvas.addEventListener('pointerdown', (event) => {
    dragged = { from: event.clientX, start: range.start, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    cursor = frameAt(event.clientX);
    tell(cursor);
    if (dragged !== null && Math.abs(event.clientX - dragged.from) > 4) dragged.moved = true;
    if (!dragged?.moved) return draw();
    const perPixel = (range.stop - range.start) / Math.max(1, width() - GUTTER);
    show(dragged.start - (event.clientX - dragged.from) * perPixel, range.stop - range.start);
  });
  canvas.addEventListener('pointerup', (event) => {
    if (dragged !== null && !dragged.moved) play(frameAt(event.clientX));
    dragged = null;
  });
  canvas.addEventListener('pointerleave', () => {
    cursor = null;
    draw();
  });
  canvas.addEventListener('dblclick', () => show(0, about.frames));
  canvas.addEventListener('keydown', (event) => {
    const length = range.stop - range.start;
    const middle = cursor ?? Math.floor((range.start + range.stop) / 2);
    const keys: Readonly<Record<string, () => void>> = {
      '+': () => zoom(0.6, middle),
      '=': () => zoom(0.6, middle),
      '-': () => zoom(1 / 0.6, middle),
      '0': () => show(0, about.frames),
      ArrowLeft: () => show(range.start - length / 5, length),
      ArrowRight: () => show(range.start + length / 5, length),
      Enter: () => play(middle),
    };
    const act = keys[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  return {
    element,
    draw,
    mark(frame) {
      if (marked === frame) return;
      marked = frame;
      draw();
    },
  };
}

import { fitCanvas, widthOf } from './canvas.js';
import { h, toggle } from './dom.js';
import { drawLabels, drawTimeAxis } from './label-strip.js';
import type { Model } from './model.js';
import { clock } from './numbers.js';
import type { Place } from './place.js';
import { drawPoses } from './stage.js';
import { classColours, readTheme } from './theme.js';

const SPEEDS = [0.25, 0.5, 1, 2, 4];
/** Frames before and after the stretch in the strip, as a share of it. */
const AROUND = 0.25;
const STRIP_HEIGHT = 56;

export interface Player {
  readonly element: HTMLElement;
  /** Plays frames [start, stop) over and over. */
  play(place: Place, why: string): void;
  draw(): void;
  /** Calls with the recording and frame that are shown; null when it was closed. */
  onFrame(listener: (recording: number | null, frame: number) => void): void;
}

/** Draws the poses of a stretch as they move, with true and predicted class. */
export function createPlayer(model: Model): Player {
  let place: Place | null = null;
  let frame = 0;
  let isPlaying = false;
  let speed = 1;
  let before = 0;
  const listeners: ((recording: number | null, frame: number) => void)[] = [];
  const canvas = h('canvas', { class: 'stage', role: 'img', 'aria-label': 'Poses' });
  const strip = h('canvas', { class: 'strip', role: 'img', 'aria-label': 'True over predicted classes' });
  const title = h('bdi', { class: 'player-title' });
  const says = h('div', { class: 'says', 'aria-live': 'off' });
  const scrub = h('input', {
    type: 'range',
    min: 0,
    max: 1,
    step: 1,
    'aria-label': 'Frame',
    oninput: () => {
      pause();
      show(Number(scrub.value));
    },
  });
  const button = h(
    'button',
    { type: 'button', class: 'primary', onclick: () => (isPlaying ? pause() : start()) },
    'Play',
  );
  const element = h(
    'aside',
    { class: 'player', 'aria-label': 'Pose player', hidden: true, tabindex: -1 },
    h(
      'header',
      {},
      title,
      h('button', { type: 'button', 'aria-label': 'Close the player', onclick: () => close() }, '×'),
    ),
    canvas,
    says,
    strip,
    scrub,
    h(
      'div',
      { class: 'controls' },
      h('button', { type: 'button', 'aria-label': 'One pose back', onclick: () => step(-1) }, '‹'),
      button,
      h('button', { type: 'button', 'aria-label': 'One pose on', onclick: () => step(1) }, '›'),
      toggle(
        'Speed',
        SPEEDS.map((value) => `${value}×`),
        2,
        (index) => {
          speed = SPEEDS[index];
        },
      ),
    ),
  );

  const show = (next: number) => {
    frame = next;
    scrub.value = String(Math.round(frame));
    draw();
    if (place !== null) for (const listener of listeners) listener(place.recording, Math.floor(frame));
  };
  const pause = () => {
    isPlaying = false;
    button.textContent = 'Play';
  };
  const start = () => {
    if (isPlaying || place === null) return;
    isPlaying = true;
    button.textContent = 'Pause';
    before = performance.now();
    requestAnimationFrame(tick);
  };
  const tick = (now: number) => {
    if (!isPlaying || place === null) return;
    const rate = model.data.poses?.recordings[place.recording].framesPerSecond ?? 30;
    const next = frame + (Math.min(now - before, 250) / 1000) * rate * speed;
    before = now;
    show(next >= place.stop ? place.start : next);
    requestAnimationFrame(tick);
  };
  const step = (direction: number) => {
    if (place === null) return;
    pause();
    const size = model.data.poses?.recordings[place.recording].step ?? 1;
    show(Math.min(place.stop - 1, Math.max(place.start, Math.floor(frame) + direction * size)));
  };
  const close = () => {
    pause();
    place = null;
    element.hidden = true;
    for (const listener of listeners) listener(null, 0);
  };
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    else if (event.target instanceof HTMLButtonElement || event.target === scrub) return;
    else if (event.key === ' ') isPlaying ? pause() : start();
    else if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
    else return;
    event.preventDefault();
  });

  const draw = () => {
    if (place === null) return;
    drawPoses(model, canvas, place.recording, frame);
    drawStrip(model, strip, place, frame);
    tellClasses(model, says, place.recording, Math.floor(frame));
  };
  return {
    element,
    draw,
    play(next, why) {
      place = next;
      const about = model.data.poses?.recordings[next.recording];
      title.textContent = `${about?.id ?? ''} · ${why}`;
      scrub.min = String(next.start);
      scrub.max = String(Math.max(next.start, next.stop - 1));
      element.hidden = false;
      show(next.start);
      pause();
      // Whoever asked for less motion presses Play.
      if (!matchMedia('(prefers-reduced-motion: reduce)').matches) start();
      element.focus({ preventScroll: true });
    },
    onFrame: (listener) => listeners.push(listener),
  };
}

function drawStrip(model: Model, canvas: HTMLCanvasElement, place: Place, frame: number): void {
  const track = model.trackOf(place.recording);
  canvas.hidden = track === undefined;
  if (track === undefined) return;
  const theme = readTheme();
  const { task, truth, predicted, about } = track;
  const around = Math.round(AROUND * (place.stop - place.start));
  const range = {
    start: Math.max(0, place.start - around),
    stop: Math.min(about.frames, place.stop + around),
  };
  const width = widthOf(canvas, 420);
  const context = fitCanvas(canvas, width, STRIP_HEIGHT);
  const colours = classColours(task.classes, task.scoredClasses, theme);
  const isScored = task.classes.map((name) => task.scoredClasses.includes(name));
  const full = { left: 0, top: 0, width, height: 15 };
  context.fillStyle = theme.line;
  context.fillRect(0, 0, width, 15);
  context.fillRect(0, 17, width, 15);
  drawLabels(context, truth, colours, isScored, range, full);
  drawLabels(context, predicted, colours, isScored, range, { ...full, top: 17 });
  const x = (at: number) => ((at - range.start) / (range.stop - range.start)) * width;
  context.fillStyle = theme.paper;
  context.globalAlpha = 0.55;
  context.fillRect(0, 0, x(place.start), 32);
  context.fillRect(x(place.stop), 0, width - x(place.stop), 32);
  context.globalAlpha = 1;
  context.fillStyle = theme.ink;
  context.fillRect(x(frame) - 1, 0, 2, 36);
  drawTimeAxis(
    context,
    range,
    about.framesPerSecond,
    { ...full, top: 34 },
    { text: theme.faint, line: theme.line },
  );
  canvas.dataset.drawn = 'yes';
}

function tellClasses(model: Model, says: HTMLElement, recording: number, frame: number): void {
  const track = model.trackOf(recording);
  const about = model.data.poses?.recordings[recording];
  const time = h(
    'span',
    { class: 'time' },
    `${clock(frame / (about?.framesPerSecond ?? 30))} · frame ${frame}`,
  );
  if (track === undefined) {
    says.replaceChildren(time);
    return;
  }
  const theme = readTheme();
  const { task, truth, predicted } = track;
  const colours = classColours(task.classes, task.scoredClasses, theme);
  const chip = (what: string, label: number) =>
    h(
      'span',
      { class: 'chip' },
      h('i', { style: `background:${label < 0 ? 'transparent' : colours[label]}` }),
      `${what} `,
      h('b', {}, label < 0 ? 'not annotated' : task.classes[label]),
    );
  says.replaceChildren(chip('true', truth[frame] ?? -1), chip('predicted', predicted[frame] ?? -1), time);
}

import { POSE_STEPS } from '../report-data.js';
import { fitCanvas, widthOf } from './canvas.js';
import { h, toggle } from './dom.js';
import { drawLabels, drawTimeAxis } from './label-strip.js';
import type { Model } from './model.js';
import { clock } from './numbers.js';
import type { Place } from './place.js';
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

function drawPoses(model: Model, canvas: HTMLCanvasElement, recording: number, frame: number): void {
  const { poses } = model.data;
  if (poses === null) return;
  const theme = readTheme();
  const { box, step, framesPerSecond } = poses.recordings[recording];
  const values = model.poses(recording);
  const points = poses.keypoints.length;
  const coordinates = poses.animals.length * points * 2;
  const count = values.length / coordinates;
  const shape = (box[3] - box[1]) / Math.max(1, box[2] - box[0]);
  const width = widthOf(canvas, 420);
  const height = Math.min(width * shape, Math.max(180, innerHeight * 0.42));
  const scale = Math.min(width / (box[2] - box[0]), height / (box[3] - box[1]));
  const left = (width - scale * (box[2] - box[0])) / 2;
  const top = (height - scale * (box[3] - box[1])) / 2;
  const context = fitCanvas(canvas, width, height);
  const at = (pose: number, animal: number, point: number): [number, number] | null => {
    const index = pose * coordinates + (animal * points + point) * 2;
    const [x, y] = [values[index], values[index + 1]];
    if (pose < 0 || pose >= count || x < 0 || y < 0) return null;
    return [
      left + (x / POSE_STEPS) * (box[2] - box[0]) * scale,
      top + (y / POSE_STEPS) * (box[3] - box[1]) * scale,
    ];
  };
  const pose = Math.min(count - 1, Math.floor(frame / step));
  const next = Math.min(count - 1, pose + 1);
  const share = Math.min(1, frame / step - pose);
  const between = (animal: number, point: number): [number, number] | null => {
    const [one, other] = [at(pose, animal, point), at(next, animal, point)];
    if (one === null || other === null) return one;
    return [one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])];
  };
  poses.animals.forEach((_, animal) => {
    const colour = theme.palette[animal === 0 ? 0 : animal === 1 ? 4 : animal];
    drawTrail(
      context,
      at,
      animal,
      { pose, length: Math.round((1.5 * framesPerSecond) / step), points },
      colour,
    );
    context.globalAlpha = 1;
    context.strokeStyle = colour;
    context.lineWidth = 2.5;
    context.lineCap = 'round';
    for (const [from, to] of poses.edges) {
      const [one, other] = [between(animal, from), between(animal, to)];
      if (one === null || other === null) continue;
      context.beginPath();
      context.moveTo(...one);
      context.lineTo(...other);
      context.stroke();
    }
    for (let point = 0; point < points; point++) {
      const position = between(animal, point);
      if (position === null) continue;
      context.beginPath();
      context.arc(...position, point === 0 ? 4 : 2.8, 0, 2 * Math.PI);
      context.fillStyle = point === 0 ? theme.paper : colour;
      context.fill();
      if (point === 0) context.stroke();
    }
  });
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'top';
  context.textAlign = 'left';
  poses.animals.forEach((name, animal) => {
    context.fillStyle = theme.palette[animal === 0 ? 0 : animal === 1 ? 4 : animal];
    context.fillText(`● ${name}`, 8, 8 + 16 * animal);
  });
  canvas.dataset.drawn = String(Math.floor(frame));
}

/** Where an animal has come from: the mean of its points over the last poses. */
function drawTrail(
  context: CanvasRenderingContext2D,
  at: (pose: number, animal: number, point: number) => [number, number] | null,
  animal: number,
  { pose, length, points }: { readonly pose: number; readonly length: number; readonly points: number },
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.globalAlpha = 0.3;
  context.beginPath();
  for (let earlier = pose - length; earlier <= pose; earlier++) {
    const known = Array.from({ length: points }, (_, point) => at(earlier, animal, point)).filter(
      (position) => position !== null,
    );
    if (known.length === 0) continue;
    const mean = (axis: 0 | 1) => known.reduce((sum, position) => sum + position[axis], 0) / known.length;
    context.lineTo(mean(0), mean(1));
  }
  context.stroke();
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

import { POSE_STEPS } from '../report-data.js';
import { fitCanvas, widthOf } from './canvas.js';
import type { Model } from './model.js';
import { readTheme } from './theme.js';

/** Draws the bodies of a recording at a frame, between its neighbouring poses, with where they have come from. */
export function drawPoses(model: Model, canvas: HTMLCanvasElement, recording: number, frame: number): void {
  const { poses } = model.data;
  if (poses === null) return;
  const theme = readTheme();
  // The first two are the furthest apart.
  const colourOf = (animal: number) => theme.palette[animal === 1 ? 4 : animal];
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
    const colour = colourOf(animal);
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
    context.fillStyle = colourOf(animal);
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

import { UserError } from '../../errors.js';

/** What a head is fitted on and applied to: any frames of a recording, raw (a head standardises for itself). */
export interface HeadInputs {
  readonly name: string;
  readonly width: number;
  readonly channelNames?: readonly string[];
  /**
   * [width] 1 where the size of a channel means something (principal components that are not whitened) and a head must
   * not bring it to unit variance.
   */
  readonly keepsScale: Uint8Array;
  /** @returns [frames.length, width]; NaN where unknown */
  readFrames(recording: number, frames: Uint32Array): Float32Array;
}

/** Side by side, in the order given, e.g. `encoder+kinematics`. */
export function joinInputs(parts: readonly HeadInputs[]): HeadInputs {
  if (parts.length === 0) throw new UserError('settings', 'there are no features to join');
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  return {
    name: parts.map((part) => part.name).join('+'),
    width,
    ...(parts.every((part) => part.channelNames !== undefined)
      ? { channelNames: parts.flatMap((part) => part.channelNames ?? []) }
      : {}),
    keepsScale: Uint8Array.from(parts.flatMap((part) => [...part.keepsScale])),
    readFrames(recording, frames) {
      const output = new Float32Array(frames.length * width);
      let offset = 0;
      for (const part of parts) {
        const rows = part.readFrames(recording, frames);
        for (let row = 0; row < frames.length; row++) {
          output.set(rows.subarray(row * part.width, (row + 1) * part.width), row * width + offset);
        }
        offset += part.width;
      }
      return output;
    },
  };
}

/** Frames [start, stop) of a recording. */
export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** What windows of +- `reach` around some frames cover, clipped at the edges of a recording of `count` frames. */
export function spanAround(frames: ArrayLike<number>, reach: number, count: number): Span {
  if (frames.length === 0) return { start: 0, stop: 0 };
  let [first, last] = [count, 0];
  for (let index = 0; index < frames.length; index++) {
    first = Math.min(first, frames[index]);
    last = Math.max(last, frames[index]);
  }
  return { start: Math.max(0, first - reach), stop: Math.min(count, last + reach + 1) };
}

/** Every `every`-th frame of [0, count), beginning at 0. */
export function everyFrame(count: number, every: number): Uint32Array {
  return Uint32Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

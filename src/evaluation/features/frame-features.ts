/** Numbers for every original frame of every recording of a data set, before any pooling. */
export interface FrameFeatures {
  /** For tables: `encoder`, `kinematics`, `raw-pose`, `random-encoder`. */
  readonly name: string;
  readonly width: number;
  readonly channelNames?: readonly string[];
  /** Frames [start, stop) of a recording as [frame, width]; NaN where unknown. */
  read(recording: number, start: number, stop: number): Float32Array;
}

/**
 * Features of a function that gives a whole recording at once, [frame, width]. The recording that was read last is
 * kept, so that reading in pieces computes it once.
 */
export function computeFrameFeatures(
  about: { readonly name: string; readonly width: number; readonly channelNames?: readonly string[] },
  compute: (recording: number) => Float32Array,
): FrameFeatures {
  let kept: { recording: number; values: Float32Array } | null = null;
  return {
    ...about,
    read(recording, start, stop) {
      if (kept?.recording !== recording) kept = { recording, values: compute(recording) };
      return kept.values.slice(start * about.width, stop * about.width);
    },
  };
}

/**
 * Features that don't change when two exchangeable animals change places: the mean over both orders, and where
 * `difference` is set also half the absolute difference, without which all that tells the animals apart would be lost.
 * @param one features with the animals as stored
 * @param other the same with the animals swapped
 */
export function symmetrise(one: FrameFeatures, other: FrameFeatures, difference: boolean): FrameFeatures {
  const { width } = one;
  const stride = difference ? 2 * width : width;
  const names = one.channelNames;
  return {
    name: one.name,
    width: stride,
    ...(names === undefined
      ? {}
      : { channelNames: difference ? [...names, ...names.map((name) => `${name}.difference`)] : names }),
    read(recording, start, stop) {
      const first = one.read(recording, start, stop);
      const second = other.read(recording, start, stop);
      const output = new Float32Array((stop - start) * stride);
      for (let frame = 0; frame < stop - start; frame++) {
        for (let channel = 0; channel < width; channel++) {
          const a = first[frame * width + channel];
          const b = second[frame * width + channel];
          output[frame * stride + channel] = (a + b) / 2;
          if (difference) output[frame * stride + width + channel] = Math.abs(a - b) / 2;
        }
      }
      return output;
    },
  };
}

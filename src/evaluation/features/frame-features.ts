/** Numbers for every original frame of every recording of a data set, before any pooling. */
export interface FrameFeatures {
  /** For tables: `encoder`, `kinematics`, `raw-pose`, `random-encoder`. */
  readonly name: string;
  readonly width: number;
  readonly channelNames?: readonly string[];
  /** Frames [start, stop) of a recording as [frame, width]; NaN where unknown. */
  read(recording: number, start: number, stop: number): Float32Array;
}

/** Frames that are computed at a time; recordings of usual length are one piece. */
const PIECE_FRAMES = 32_768;
/** Pieces that are kept: a reader goes forwards, and looks back as far as its windows reach. */
const KEPT_PIECES = 2;

/**
 * Features of a function that gives frames [start, stop) of a recording, [frame, width]. They are computed and kept in
 * pieces, so memory doesn't grow with a recording's length.
 * @param framesOf frames of a recording
 */
export function computeInPieces(
  about: { readonly name: string; readonly width: number; readonly channelNames?: readonly string[] },
  framesOf: (recording: number) => number,
  compute: (recording: number, start: number, stop: number) => Float32Array,
): FrameFeatures {
  const { width } = about;
  const kept = new Map<string, Float32Array>();
  const pieceAt = (recording: number, piece: number): Float32Array => {
    const key = `${recording} ${piece}`;
    const start = piece * PIECE_FRAMES;
    const values =
      kept.get(key) ?? compute(recording, start, Math.min(framesOf(recording), start + PIECE_FRAMES));
    kept.delete(key);
    kept.set(key, values); // the newest last
    for (const old of kept.keys()) {
      if (kept.size <= KEPT_PIECES) break;
      kept.delete(old);
    }
    return values;
  };
  return {
    ...about,
    read(recording, start, stop) {
      const output = new Float32Array((stop - start) * width);
      for (let frame = start; frame < stop; ) {
        const piece = Math.floor(frame / PIECE_FRAMES);
        const first = piece * PIECE_FRAMES;
        const end = Math.min(stop, first + PIECE_FRAMES);
        const values = pieceAt(recording, piece).subarray((frame - first) * width, (end - first) * width);
        output.set(values, (frame - start) * width);
        frame = end;
      }
      return output;
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

import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import type { Parameters } from '../parameters.js';

/** Turns tokens of a window into tokens of width `width`. Pure; its parameters are named by path below `encoder/`. */
export interface Encoder {
  readonly name: string;
  readonly width: number;
  /** 'visible': it wants visible tokens with their positions. 'all': every token in order, hidden ones zero and flagged. */
  readonly tokens: 'visible' | 'all';
  /** Whether what becomes of a token depends on the other tokens of its window. */
  readonly seesNeighbours: boolean;
  init(random: Random): HostArrays;
  /**
   * @param tokens [window, token, channel]
   * @param position int32 [window, token]
   * @returns one [window, token, width] per layer; the last is the output (normalised)
   */
  apply(parameters: Parameters, tokens: Tensor3D, position: Tensor2D): readonly Tensor3D[];
}

/** What every encoder is built from, whatever its kind. */
export interface EncoderShape {
  /** Channels of a token. */
  readonly channels: number;
  /** Tokens of a window. */
  readonly windowTokens: number;
}

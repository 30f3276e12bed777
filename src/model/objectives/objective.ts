import type { Scalar, Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import type { Encoder } from '../encoders/encoder.js';
import type { Parameters } from '../parameters.js';

/** Structurally `BatchNeeds` of `data/windows/batch.ts` without `tokens`, which the encoder decides. */
export interface Needs {
  readonly views: number;
  readonly mask: { readonly ratio: number; readonly spanTokens: number } | null;
  readonly clean: boolean;
  readonly truth: boolean;
  readonly neighbourSeconds: number | null;
  readonly futureSeconds: readonly number[] | null;
}

/** What every objective is built from. */
export interface ObjectiveShape {
  /** Width of an encoded token. */
  readonly width: number;
  /** Tokens of a window. */
  readonly windowTokens: number;
  /** Channels of a token's target. */
  readonly targetChannels: number;
  /** Which tokens the encoder gives back: the visible ones, or all in order. */
  readonly tokens: 'visible' | 'all';
}

/** Batch fields by name; they are listed in `data/windows/batch.ts`. */
export type BatchTensors = Readonly<Record<string, Tensor>>;

/** What a teacher may look at. */
export interface TargetInputs {
  /** The running averages of all parameters, under the parameters' own paths. */
  readonly average: Parameters;
  readonly batch: BatchTensors;
  readonly encoder: Encoder;
}

/** What a loss may look at. */
export interface LossInputs {
  readonly parameters: Parameters;
  readonly batch: BatchTensors;
  /** The encoder's output for `batch.tokens`, computed once for all objectives: [views x batch, token, width]. */
  readonly encoded: Tensor3D;
  /** What the objective's own `targets` gave; constant for the gradient. Empty without `targets`. */
  readonly targets: Readonly<Record<string, Tensor>>;
}

/** A self-supervised objective: pure, one file each, with its citation. */
export interface Objective {
  readonly name: string;
  readonly needs: Needs;
  /** Names of the loss's parts, in order. */
  readonly parts: readonly string[];
  /** Parameters of its own (decoder, projection) below `objective/NAME/`. */
  init(random: Random): HostArrays;
  /** A teacher's view of the batch. It is computed outside the differentiated function, so no gradient reaches it. */
  targets?(inputs: TargetInputs): Readonly<Record<string, Tensor>>;
  /** One unweighted scalar for each of `parts`, by name; their weighted sum is minimised. */
  loss(inputs: LossInputs): Readonly<Record<string, Scalar>>;
}

import type { Scalar, Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import type { Random } from '../../random.js';
import type { Parameters } from '../parameters.js';

/** Structurally `BatchNeeds` of `data/windows/batch.ts`, where the batch fields are listed. */
export interface Needs {
  readonly views: number;
  readonly mask: { readonly ratio: number; readonly spanTokens: number } | null;
  readonly clean: boolean;
  readonly neighbourSeconds: number | null;
}

/** What a loss may look at. `encoded` was computed once for all objectives. */
export interface LossInputs {
  readonly parameters: Parameters;
  /** Batch fields by name. */
  readonly batch: Readonly<Record<string, Tensor>>;
  /** The encoder's output for `batch.tokens`: [views x batch, token, width]. */
  readonly encoded: Tensor3D;
}

/** A self-supervised objective: pure, one file each, with its citation. */
export interface Objective {
  readonly name: string;
  readonly needs: Needs;
  /** Parameters of its own (decoder, projection) below `objective/NAME/`. */
  init(random: Random): HostArrays;
  /** Loss parts by name, unweighted scalars; their weighted sum is minimised. */
  loss(inputs: LossInputs): Readonly<Record<string, Scalar>>;
}

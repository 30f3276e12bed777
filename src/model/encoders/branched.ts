import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { sideBySide } from '../nn/side-by-side.js';
import type { Encoder } from './encoder.js';

/** The same encoder, in up to `branches` parts of a batch side by side: see {@link sideBySide}. */
export function branchedEncoder(encoder: Encoder, branches: number): Encoder {
  return {
    ...encoder,
    apply: (parameters, tokens, position) =>
      sideBySide(branches, [tokens, position], ([tokensOfPart, positionOfPart]) =>
        encoder.apply(parameters, tokensOfPart as Tensor3D, positionOfPart as Tensor2D),
      ) as readonly Tensor3D[],
  };
}

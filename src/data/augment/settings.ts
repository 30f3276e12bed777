/** How windows are varied while pretraining. 0 turns a variation off; null in place of the settings turns all off. */
export interface AugmentSettings {
  /** Probability that a window is mirrored, with left and right points exchanged. Targets are mirrored too. */
  readonly mirrorProbability: number;
  /** Bodies are scaled by up to (1 + scaleSpread) or down to its inverse. Targets are scaled too. */
  readonly scaleSpread: number;
  /** Time runs faster by up to (1 + speedSpread) or slower down to its inverse; never backwards. Targets too. */
  readonly speedSpread: number;
  /** Probability that a keypoint is missing for a span of the window. */
  readonly keypointDropProbability: number;
  /** Probability that a whole animal is missing for a span of the window. */
  readonly animalDropProbability: number;
  /** The longest such span; its length is uniform up to that. */
  readonly dropSeconds: number;
  /** Standard deviation of noise that is new in every frame, in body lengths. */
  readonly jitterBodyLengths: number;
  /** Standard deviation of slow tracking noise, in body lengths, and the time over which it changes. */
  readonly driftBodyLengths: number;
  readonly driftSeconds: number;
  /**
   * On standardised input channels: standard deviation of an offset for the window (contexts have none), and of noise
   * in every frame (in every token of contexts).
   */
  readonly channelNoise: number;
  readonly frameNoise: number;
  /** Probability that an input channel is 0 for the whole window, or in a token's context at all scales. */
  readonly channelDropProbability: number;
  /** Probability that a time scale of a token's context is 0 in all channels. */
  readonly scaleDropProbability: number;
}

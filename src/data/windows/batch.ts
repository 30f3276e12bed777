import type { HostArrays } from '../../arrays.js';

/**
 * What an objective asks of a batch. `model/objectives` declares it as plain data, `data/windows` fulfils it
 * with the named fields below: neither room imports the other's code.
 */
export interface BatchNeeds {
  /** Independently augmented and masked views of every window. */
  readonly views: number;
  /** Exactly round(tokens x ratio) tokens of each view are hidden, in spans of `spanTokens` (the last may be shorter). */
  readonly mask: { readonly ratio: number; readonly spanTokens: number } | null;
  /** 'visible': the encoder gets the visible tokens only. 'all': every token, hidden ones zero and flagged in a last channel. */
  readonly tokens: 'visible' | 'all';
  /** Clean, unmasked, unaugmented tokens of each window under `clean` (a teacher's input). */
  readonly clean: boolean;
  /** The clean truth at every token of each view, hidden or not, under `truth` and `truthWeight`. */
  readonly truth: boolean;
  /** Each window of the first half of the batch has a temporal neighbour in the second half, at most this far away. */
  readonly neighbourSeconds: number | null;
  /**
   * The batch is 1 + length equal parts: windows, and for each entry those that begin so much later in the recordings;
   * where a recording ends before, their weight is 0. Not together with neighbours.
   */
  readonly futureSeconds: readonly number[] | null;
}

/**
 * The fields of a batch. N = views x batch (view-major), K = tokens the encoder sees, M = hidden tokens,
 * C = input channels of a token, Q = target channels of a token.
 *
 * | field          | type    | shape     |                                                              |
 * |----------------|---------|-----------|--------------------------------------------------------------|
 * | tokens         | float32 | [N, K, C] | inputs derived from visible frames only                      |
 * | position       | int32   | [N, K]    | token number in its window                                   |
 * | hidden         | int32   | [N, M]    | token numbers that are hidden (with mask)                    |
 * | target         | float32 | [N, M, Q] | clean truth at the hidden tokens, standardised (with mask)   |
 * | targetWeight   | float32 | [N, M, Q] | 1 where the truth is valid, else 0 (with mask)               |
 * | truth          | float32 | [N, tokens, Q] | clean truth at all tokens, standardised (with truth)    |
 * | truthWeight    | float32 | [N, tokens, Q] | 1 where the truth is valid, else 0 (with truth)         |
 * | clean          | float32 | [batch, tokens, C] | (with clean)                                        |
 * | recording      | int32   | [batch]   | which recording the window is of                             |
 * | startSeconds   | float32 | [batch]   | where in it                                                  |
 * | windowWeight   | float32 | [N]       | 1, or 0: pads the last batch, or lies behind a recording's end |
 */
export type Batch = HostArrays;

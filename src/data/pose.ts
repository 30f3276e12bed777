/** The shared words for poses and labels: one meaning each, in every room. */

/** The body that is tracked. Indices refer to `keypoints`. */
export interface Skeleton {
  readonly keypoints: readonly string[];
  readonly edges: readonly (readonly [number, number])[];
  /** Pairs (left, right) that a mirror image exchanges. */
  readonly mirrorPairs: readonly (readonly [number, number])[];
  /** The heading points from the mean of `back` to the mean of `front`. */
  readonly front: readonly number[];
  readonly back: readonly number[];
}

/**
 * `ordered`: the animals have roles (resident, intruder) and are never swapped.
 * `exchangeable`: identities are unreliable; features and heads are symmetrised over both orders.
 */
export type AnimalIdentity = 'ordered' | 'exchangeable';

/** The label value of a frame that nobody annotated. Unannotated is not negative. */
export const UNANNOTATED = -1;

/** A named track with its own vocabulary: one class per frame. Behaviours that may overlap are several tracks. */
export interface TrackDeclaration {
  readonly name: string;
  /** Class names; a label is an index into them, or `UNANNOTATED`. */
  readonly vocabulary: readonly string[];
}

/** One label per frame, see `UNANNOTATED`. */
export type Labels = Int16Array;

/** One recording in memory. Frames are the recording's own, counted from 0; intervals are half open. */
export interface Recording {
  readonly id: string;
  /** The part of the data set that it belongs to, e.g. `unlabelled`, `task1/train`, `all`. */
  readonly subset: string;
  readonly frames: number;
  readonly framesPerSecond: number;
  /** [frame, animal, keypoint, space] in pixels; NaN where missing (both coordinates or none). */
  readonly pose: Float32Array;
  /** [frame, animal, keypoint] in [0, 1], where the tracker gave scores. */
  readonly scores?: Float32Array;
  /** Label tracks by name, each [frame]. A track that is absent was not annotated here. */
  readonly labels: ReadonlyMap<string, Labels>;
}

/** What is known of the picture that the pixels are of. */
export interface Camera {
  /** Width and height in pixels; null: unknown. */
  readonly frameSize: readonly [width: number, height: number] | null;
  /** Pixels of one `unit`; null: unknown. */
  readonly pixelsPerUnit: number | null;
  /** `cm`, `mm`. */
  readonly unit: string;
}

/** What all recordings of a data set share. */
export interface DatasetHeader {
  readonly name: string;
  readonly skeleton: Skeleton;
  readonly animals: { readonly names: readonly string[]; readonly identity: AnimalIdentity };
  readonly tracks: readonly TrackDeclaration[];
  /** Where somebody has said it. */
  readonly camera?: Camera | undefined;
}

/** CalMS21's body (Sun et al. 2021): two mice of seven parts, resident first. */
export const MOUSE_SKELETON: Skeleton = {
  keypoints: ['nose', 'left_ear', 'right_ear', 'neck', 'left_hip', 'right_hip', 'tail_base'],
  edges: [
    [0, 1],
    [0, 2],
    [1, 2],
    [1, 3],
    [2, 3],
    [3, 4],
    [3, 5],
    [4, 6],
    [5, 6],
  ],
  mirrorPairs: [
    [1, 2],
    [4, 5],
  ],
  front: [0, 1, 2, 3],
  back: [4, 5, 6],
};

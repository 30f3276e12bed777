import type { Random } from '../../random.js';
import { corruptPose, doesCorrupt } from '../augment/corrupt-pose.js';
import {
  drawGeometry,
  type Geometry,
  mirrorKeypoints,
  PLAIN_GEOMETRY,
  transformPose,
} from '../augment/geometry.js';
import type { AugmentSettings } from '../augment/settings.js';
import type { FrontEnd } from '../inputs/front-end.js';
import type { Normalisation } from '../inputs/normalisation.js';
import type { Dataset } from '../store/dataset.js';
import { hideBeyond, hideRawFrames, type RawWindow, readRawWindow, resampleWindow } from './resample.js';
import { createTokenWriter, type View, type WideWindow } from './token-writer.js';
import type { PlannedWindow } from './window-plan.js';
import type { WindowSettings } from './window-settings.js';

/** From a place in a data set to channels. */
export interface ViewSource {
  readonly dataset: Dataset;
  readonly window: WindowSettings;
  readonly frontEnd: FrontEnd;
  readonly normalisation: Normalisation;
  /** Pixels of a body length for every recording of the data set. */
  readonly bodyLengths: readonly number[];
}

export type { View } from './token-writer.js';

export interface ViewWriter {
  /** All of a window, as it is. */
  writeClean(place: PlannedWindow): View;
  /**
   * A window of which only visible tokens [token] may be used, varied by `augment`, with the clean truth about the
   * hidden ones or all (mirrored, scaled and sped up as the input is).
   */
  writeView(
    place: PlannedWindow,
    visibleTokens: Uint8Array,
    augment: AugmentSettings | null,
    random: Random,
    truth: 'none' | 'hidden' | 'all',
  ): View;
}

/**
 * Makes a writer with room for one window. Not re-entrant.
 *
 * @throws UserError when a window is not a whole number of tokens.
 */
export function createViewWriter(source: ViewSource): ViewWriter {
  const { dataset, frontEnd } = source;
  const { windowFrames, framesPerSecond, patchFrames } = source.window;
  const { skeleton, animals } = dataset.header;
  const shape = { animals: animals.names.length, keypoints: skeleton.keypoints.length, framesPerSecond };
  const frameSize = shape.animals * shape.keypoints * 2;
  const margin = frontEnd.context?.marginFrames ?? 0;
  const extent = windowFrames + 2 * margin;
  const partners = mirrorKeypoints(skeleton);
  const resampled = new Float32Array(extent * frameSize);
  const moved = new Float32Array(extent * frameSize);
  const visible = new Uint8Array(extent).fill(1);
  const everyFrame = new Uint8Array(extent).fill(1);
  const everyInnerFrame = everyFrame.subarray(0, windowFrames);
  const hidden = new Uint8Array(windowFrames);
  const tokens = createTokenWriter(frontEnd, source.normalisation, source.window);
  const read = ({ recording, start }: PlannedWindow, speed: number) =>
    readRawWindow(dataset, recording, framesPerSecond, { start, windowFrames, speed, marginFrames: margin });
  // Rows of frames that are not shown hold what an earlier window has left there.
  const pose = (raw: RawWindow, geometry: Geometry, shown?: Uint8Array): Float32Array => {
    resampleWindow(raw, frameSize, resampled, shown);
    if (!geometry.mirror && geometry.scale === 1) return resampled;
    transformPose(resampled, partners, geometry, moved, shown);
    return moved;
  };
  const widen = ({ recording, order }: PlannedWindow, raw: RawWindow, seen: Uint8Array): WideWindow => {
    const counted = seen.slice();
    hideBeyond(raw, frameSize, counted);
    const about = { order: frontEnd.orders[order], bodyLength: source.bodyLengths[recording] };
    return { ...about, pose: resampled, visible: seen, counted };
  };
  return {
    writeClean(place) {
      const raw = read(place, 1);
      const window = widen(place, raw, everyFrame);
      tokens.writeInputs({ ...window, pose: pose(raw, PLAIN_GEOMETRY) }, false, null, null);
      return tokens.view;
    },
    writeView(place, visibleTokens, augment, random, truth) {
      const geometry = augment === null ? PLAIN_GEOMETRY : drawGeometry(augment, random);
      for (let time = 0; time < windowFrames; time++) {
        visible[margin + time] = visibleTokens[Math.floor(time / patchFrames)];
        hidden[time] = 1 - visible[margin + time];
      }
      const raw = read(place, geometry.speed);
      if (truth !== 'none') {
        const whole = widen(place, raw, everyFrame);
        tokens.writeTargets(
          { ...whole, pose: pose(raw, geometry) },
          truth === 'all' ? everyInnerFrame : hidden,
        );
      }
      const window = widen(place, raw, visible);
      hideRawFrames(raw, frameSize, visible);
      const input = pose(raw, geometry, visible);
      if (augment !== null) {
        corruptPose(input, { ...shape, bodyLength: window.bodyLength }, augment, random, visible);
      }
      const isTarget = truth !== 'none' && !hidden.includes(1) && !doesCorrupt(augment);
      tokens.writeInputs({ ...window, pose: input }, isTarget, augment, random);
      return tokens.view;
    },
  };
}

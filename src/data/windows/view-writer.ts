import type { Random } from '../../random.js';
import { addChannelNoise } from '../augment/channel-noise.js';
import { corruptPose } from '../augment/corrupt-pose.js';
import {
  drawGeometry,
  type Geometry,
  mirrorKeypoints,
  PLAIN_GEOMETRY,
  transformPose,
} from '../augment/geometry.js';
import type { AugmentSettings } from '../augment/settings.js';
import type { PoseWindow } from '../inputs/bodies.js';
import type { FrontEnd } from '../inputs/front-end.js';
import type { Normalisation } from '../inputs/normalisation.js';
import type { Dataset } from '../store/dataset.js';
import { hideRawFrames, type RawWindow, readRawWindow, resampleWindow } from './resample.js';
import { poolInputs, poolTargets } from './tokens.js';
import { animalOrders, type PlannedWindow } from './window-plan.js';
import { shapeTokens, type WindowSettings } from './window-settings.js';

/** From a place in a data set to channels. */
export interface ViewSource {
  readonly dataset: Dataset;
  readonly window: WindowSettings;
  readonly frontEnd: FrontEnd;
  readonly normalisation: Normalisation;
  /** Pixels of a body length for every recording of the data set. */
  readonly bodyLengths: readonly number[];
}

/** One view of a window; the arrays belong to the writer and hold until its next call. */
export interface View {
  /** [token, channel]; rows of hidden tokens are 0. */
  readonly tokens: Float32Array;
  /** [token, target] and their weights, in the rows that truth was asked for. */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
}

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
  const { dataset, frontEnd, normalisation } = source;
  const { windowFrames, framesPerSecond, patchFrames, patch } = source.window;
  const { skeleton, animals } = dataset.header;
  const shape = { animals: animals.names.length, keypoints: skeleton.keypoints.length, framesPerSecond };
  const frameSize = shape.animals * shape.keypoints * 2;
  const channels = frontEnd.channels.length;
  const targets = frontEnd.targetChannels.length;
  const isPooled = patch === 'mean';
  const partners = mirrorKeypoints(skeleton);
  const orders = animalOrders(dataset.header);
  const resampled = new Float32Array(windowFrames * frameSize);
  const moved = new Float32Array(windowFrames * frameSize);
  const visible = new Uint8Array(windowFrames);
  const hidden = new Uint8Array(windowFrames);
  const everyFrame = new Uint8Array(windowFrames).fill(1);
  const rows: View = allocateView(windowFrames, channels, targets);
  const view = isPooled ? allocateView(shapeTokens(source.window, frontEnd).tokens, channels, targets) : rows;
  const read = ({ recording, start }: PlannedWindow, speed: number) =>
    readRawWindow(dataset, recording, framesPerSecond, windowFrames, start, speed);
  const pose = (raw: RawWindow, geometry: Geometry): Float32Array => {
    resampleWindow(raw, frameSize, resampled);
    if (!geometry.mirror && geometry.scale === 1) return resampled;
    transformPose(resampled, partners, geometry, moved);
    return moved;
  };
  const encode = (window: PoseWindow): void => {
    frontEnd.encode(window, normalisation, rows.tokens);
    if (isPooled) poolInputs(rows.tokens, channels, frontEnd.valueCount, patchFrames, view.tokens);
  };
  const tellTruth = (window: PoseWindow, wanted: Uint8Array): void => {
    frontEnd.targets(window, wanted, normalisation, rows.targets, rows.weights);
    if (isPooled) poolTargets(rows.targets, rows.weights, targets, patchFrames, view.targets, view.weights);
  };
  return {
    writeClean(place) {
      const bodyLength = source.bodyLengths[place.recording];
      const clean = pose(read(place, 1), PLAIN_GEOMETRY);
      encode({ pose: clean, visible: everyFrame, order: orders[place.order], bodyLength });
      return view;
    },
    writeView(place, visibleTokens, augment, random, truth) {
      const order = orders[place.order];
      const bodyLength = source.bodyLengths[place.recording];
      const geometry = augment === null ? PLAIN_GEOMETRY : drawGeometry(augment, random);
      for (let time = 0; time < windowFrames; time++) {
        visible[time] = visibleTokens[Math.floor(time / patchFrames)];
        hidden[time] = 1 - visible[time];
      }
      const raw = read(place, geometry.speed);
      if (truth !== 'none') {
        const whole = { pose: pose(raw, geometry), visible: everyFrame, order, bodyLength };
        tellTruth(whole, truth === 'all' ? everyFrame : hidden);
      }
      hideRawFrames(raw, frameSize, visible);
      const input = pose(raw, geometry);
      if (augment !== null) corruptPose(input, { ...shape, bodyLength }, augment, random);
      encode({ pose: input, visible, order, bodyLength });
      if (augment !== null) {
        const shown = isPooled ? visibleTokens : visible;
        addChannelNoise(view.tokens, shown, channels, frontEnd.valueCount, augment, random);
      }
      return view;
    },
  };
}

function allocateView(rows: number, channels: number, targets: number): View {
  return {
    tokens: new Float32Array(rows * channels),
    targets: new Float32Array(rows * targets),
    weights: new Float32Array(rows * targets),
  };
}

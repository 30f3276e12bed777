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
import type { FrontEnd } from '../inputs/front-end.js';
import type { Normalisation } from '../inputs/normalisation.js';
import type { Dataset } from '../store/dataset.js';
import { hideRawFrames, type RawWindow, readRawWindow, resampleWindow } from './resample.js';
import { animalOrders, type PlannedWindow } from './window-plan.js';
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

/** One view of a window; the arrays belong to the writer and hold until its next call. */
export interface View {
  /** [time, channel]; rows of hidden frames are 0. */
  readonly channels: Float32Array;
  /** [time, target] and their weights, in rows of hidden frames, where truth was asked for. */
  readonly targets: Float32Array;
  readonly weights: Float32Array;
}

export interface ViewWriter {
  /** All of a window, as it is. */
  writeClean(place: PlannedWindow): View;
  /**
   * A window of which only visible frames [time] may be used, varied by `augment`, with the clean truth about the
   * hidden ones (mirrored, scaled and sped up as the input is).
   */
  writeView(
    place: PlannedWindow,
    visible: Uint8Array,
    augment: AugmentSettings | null,
    random: Random,
    withTruth: boolean,
  ): View;
}

/** Makes a writer with room for one window. Not re-entrant. */
export function createViewWriter(source: ViewSource): ViewWriter {
  const { dataset, frontEnd, normalisation } = source;
  const { windowFrames, framesPerSecond } = source.window;
  const { skeleton, animals } = dataset.header;
  const shape = { animals: animals.names.length, keypoints: skeleton.keypoints.length, framesPerSecond };
  const frameSize = shape.animals * shape.keypoints * 2;
  const partners = mirrorKeypoints(skeleton);
  const orders = animalOrders(dataset.header);
  const resampled = new Float32Array(windowFrames * frameSize);
  const moved = new Float32Array(windowFrames * frameSize);
  const everyFrame = new Uint8Array(windowFrames).fill(1);
  const hidden = new Uint8Array(windowFrames);
  const view: View = {
    channels: new Float32Array(windowFrames * frontEnd.channels.length),
    targets: new Float32Array(windowFrames * frontEnd.targetChannels.length),
    weights: new Float32Array(windowFrames * frontEnd.targetChannels.length),
  };
  const read = ({ recording, start }: PlannedWindow, speed: number) =>
    readRawWindow(dataset, recording, framesPerSecond, windowFrames, start, speed);
  const pose = (raw: RawWindow, geometry: Geometry): Float32Array => {
    resampleWindow(raw, frameSize, resampled);
    if (!geometry.mirror && geometry.scale === 1) return resampled;
    transformPose(resampled, partners, geometry, moved);
    return moved;
  };
  return {
    writeClean(place) {
      const bodyLength = source.bodyLengths[place.recording];
      const clean = pose(read(place, 1), PLAIN_GEOMETRY);
      const window = { pose: clean, visible: everyFrame, order: orders[place.order], bodyLength };
      frontEnd.encode(window, normalisation, view.channels);
      return view;
    },
    writeView(place, visible, augment, random, withTruth) {
      const order = orders[place.order];
      const bodyLength = source.bodyLengths[place.recording];
      const geometry = augment === null ? PLAIN_GEOMETRY : drawGeometry(augment, random);
      const raw = read(place, geometry.speed);
      if (withTruth) {
        for (let time = 0; time < windowFrames; time++) hidden[time] = 1 - visible[time];
        const truth = { pose: pose(raw, geometry), visible: everyFrame, order, bodyLength };
        frontEnd.targets(truth, hidden, normalisation, view.targets, view.weights);
      }
      hideRawFrames(raw, frameSize, visible);
      const input = pose(raw, geometry);
      if (augment !== null) corruptPose(input, { ...shape, bodyLength }, augment, random);
      frontEnd.encode({ pose: input, visible, order, bodyLength }, normalisation, view.channels);
      if (augment !== null) {
        addChannelNoise(
          view.channels,
          visible,
          frontEnd.channels.length,
          frontEnd.valueCount,
          augment,
          random,
        );
      }
      return view;
    },
  };
}

import { createKinematics, type KinematicSettings } from '../../data/kinematics/kinematics.js';
import { readKinematics } from '../../data/kinematics/recording-kinematics.js';
import type { Dataset } from '../../data/store/dataset.js';
import { computeInPieces, type FrameFeatures } from './frame-features.js';

/**
 * The control that is hard to beat: distances, angles and speeds (see `data/kinematics`). Exchangeable animals want
 * `roles: 'symmetric'`, which is the same whichever comes first.
 * @param bodyLengths pixels of a body length for each recording
 */
export function createKinematicFeatures(
  dataset: Dataset,
  settings: KinematicSettings,
  bodyLengths: readonly number[],
): FrameFeatures {
  const order = dataset.header.animals.names.map((_, animal) => animal);
  const { names } = createKinematics(settings, dataset.header, dataset.recordings[0]?.framesPerSecond ?? 30);
  const width = names.length;
  return computeInPieces(
    { name: 'kinematics', width, channelNames: names },
    (recording) => dataset.recordings[recording].frames,
    (recording, start, stop) => {
      const values = new Float32Array((stop - start) * width);
      const options = { dataset, recording, settings, order, bodyLength: bodyLengths[recording] };
      for (const chunk of readKinematics(options, start, stop))
        values.set(chunk.values, (chunk.start - start) * width);
      return values;
    },
  );
}

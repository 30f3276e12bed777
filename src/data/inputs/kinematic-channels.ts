import type { Kinematics } from '../kinematics/kinematics.js';
import type { DatasetHeader } from '../pose.js';
import { bodyPlanOf, type ChannelGroup } from './channel-group.js';

/** Hand-made features as input channels. They tell what was observed among themselves and need no flags. */
export function kinematicInputs(kinematics: Kinematics): ChannelGroup {
  return {
    values: kinematics.names,
    flags: [],
    reachFrames: kinematics.reachFrames,
    isSymmetric: kinematics.isSymmetric,
    writeValues: ({ points }, wanted, out, stride, first) =>
      kinematics.compute(points, wanted, out, stride, first),
    writeFlags() {},
  };
}

/**
 * Hand-made features as targets: without those that tell what was observed, and only in frames that show something
 * of every animal (they bridge short gaps, and what was not seen is no truth).
 */
export function kinematicTargets(kinematics: Kinematics, header: DatasetHeader): ChannelGroup {
  const bodySize = bodyPlanOf(header).keypoints * 2;
  const animals = header.animals.names.length;
  const columns = kinematics.names.flatMap((name, column) => (name.includes('observed') ? [] : [column]));
  const width = kinematics.names.length;
  return {
    values: columns.map((column) => kinematics.names[column]),
    flags: [],
    reachFrames: kinematics.reachFrames,
    isSymmetric: kinematics.isSymmetric,
    writeValues({ frames, points }, wanted, out, stride, first) {
      const all = new Float32Array(frames * width);
      kinematics.compute(points, wanted, all, width, 0);
      for (let time = 0; time < frames; time++) {
        if (wanted[time] === 0) continue;
        const isSeen = showsAll(points, time * animals * bodySize, animals, bodySize);
        for (let index = 0; index < columns.length; index++) {
          out[time * stride + first + index] = isSeen ? all[time * width + columns[index]] : Number.NaN;
        }
      }
    },
    writeFlags() {},
  };
}

function showsAll(points: Float64Array, from: number, animals: number, bodySize: number): boolean {
  for (let animal = 0; animal < animals; animal++) {
    const start = from + animal * bodySize;
    if (points.subarray(start, start + bodySize).every(Number.isNaN)) return false;
  }
  return true;
}

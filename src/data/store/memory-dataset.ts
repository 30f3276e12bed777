import type { DatasetHeader, Recording } from '../pose.js';
import { UNANNOTATED } from '../pose.js';
import type { Dataset } from './dataset.js';

/** A data set held in memory: for simulated animals and tests. Slices are copies, as those of a folder are. */
export function createMemoryDataset(header: DatasetHeader, recordings: readonly Recording[]): Dataset {
  const animals = header.animals.names.length;
  const keypoints = header.skeleton.keypoints.length;
  return {
    folder: '(memory)',
    header,
    hash: `memory:${header.name}`,
    recordings: recordings.map((recording) => ({
      id: recording.id,
      subset: recording.subset,
      frames: recording.frames,
      framesPerSecond: recording.framesPerSecond,
      hasScores: recording.scores !== undefined,
      tracks: [...recording.labels.keys()],
      poseHash: `memory:${recording.id}`,
      source: { file: recording.id, sha256: '' },
    })),
    readPose(recording, start, stop) {
      const frameSize = animals * keypoints * 2;
      return recordings[recording].pose.slice(start * frameSize, stop * frameSize);
    },
    readScores(recording, start, stop) {
      const frameSize = animals * keypoints;
      const scores = recordings[recording].scores;
      if (scores === undefined) return new Float32Array((stop - start) * frameSize).fill(1);
      return scores.slice(start * frameSize, stop * frameSize);
    },
    readLabels(recording, track, start, stop) {
      const labels = recordings[recording].labels.get(track);
      return labels?.slice(start, stop) ?? new Int16Array(stop - start).fill(UNANNOTATED);
    },
    close() {},
  };
}

import { createHash } from 'node:crypto';
import { MOUSE_SKELETON, type Recording, type TrackDeclaration } from '../pose.js';
import type { DatasetSource, RecordingEntry } from '../store/dataset.js';
import { type Calms21Options, planCalms21 } from './calms21-plan.js';
import { type RecordingSpec, simulateRecording } from './simulate-recording.js';

export type SourcedRecording = Recording & { readonly source: RecordingEntry['source'] };

/**
 * The recordings of a simulated CalMS21 in the order of its files, one at a time. `source` names the file that
 * would hold the recording, and the hash of everything that it was made from.
 */
export function* simulateCalms21(options: Calms21Options): Generator<SourcedRecording, void> {
  for (const file of planCalms21(options)) {
    for (const group of file.groups) {
      for (const spec of group.recordings) {
        yield { ...simulateRecording(spec), source: { file: file.name, sha256: hashSpec(spec) } };
      }
    }
  }
}

/** The same as a data set to be stored: `writeDataset(folder, simulatedCalms21Source(options), ...)`. */
export function simulatedCalms21Source(options: Calms21Options): DatasetSource {
  const tracks = new Map<string, TrackDeclaration>();
  for (const { groups } of planCalms21(options)) {
    for (const { labelled } of groups) {
      if (labelled !== undefined) {
        tracks.set(labelled.track.name, labelled.track);
      }
    }
  }
  return {
    header: {
      name: 'simulated CalMS21',
      skeleton: MOUSE_SKELETON,
      animals: { names: ['resident', 'intruder'], identity: 'ordered' },
      tracks: [...tracks.values()],
    },
    recordings: simulateCalms21(options),
  };
}

function hashSpec(spec: RecordingSpec): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex');
}

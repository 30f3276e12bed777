import type { RecordingSpec } from '../../../src/data/simulate/simulate-recording.js';
import { SESSION_TYPES, type SessionType } from '../../../src/data/simulate/vocabulary.js';

/** A recording with task 1 labels; tests change what they are about. */
export function simulatedSpec(changes: Partial<RecordingSpec>): RecordingSpec {
  return {
    seed: 1,
    subset: 'test',
    index: 0,
    id: 'recording',
    frames: 600,
    tracks: [{ name: 'task1', annotator: 0 }],
    session: 'mating',
    emphasis: null,
    missingShare: 0,
    ...changes,
  };
}

/** Session types of twenty recordings in about CalMS21's proportions (.29, .53, .12, .07). */
export const TWENTY_SESSIONS: readonly SessionType[] = SESSION_TYPES.flatMap((type, index) =>
  Array.from({ length: [6, 10, 3, 1][index] }, () => type),
);

import type { DatasetHeader } from '../pose.js';
import type { InspectOptions, RecordingInspection, TrackInspection } from './inspect-dataset.js';

/** What can look wrong, in the order in which it is told. */
export const WARNING_KINDS = [
  'swaps',
  'jumps',
  'missing',
  'outside',
  'no-positives',
  'one-recording',
] as const;

/** Something that looks wrong in a data set, with where it is. */
export interface InspectionWarning {
  readonly kind: (typeof WARNING_KINDS)[number];
  readonly message: string;
  readonly recording?: string;
  /** The file that the recording came from. */
  readonly file?: string;
  /** The first frame that it is about. */
  readonly frame?: number;
  readonly keypoints?: readonly string[];
  /** How many frames (points where they are outside) it is about: the more, the worse. */
  readonly count: number;
}

export function warnAboutRecording(
  recording: RecordingInspection,
  header: DatasetHeader,
  options: InspectOptions,
): InspectionWarning[] {
  return [
    ...warnAboutMissing(recording, header, options),
    ...warnAboutJumps(recording, header, options),
    ...warnAboutOutside(recording),
  ];
}

function warnAboutMissing(
  { id, file, frames, missing, firstMissing }: RecordingInspection,
  { skeleton, animals }: DatasetHeader,
  { missingShare }: InspectOptions,
): InspectionWarning[] {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return missing.flatMap((shares, animal) => {
    const often = shares.flatMap((share, keypoint) => (share > missingShare ? [keypoint] : []));
    if (often.length === 0) return [];
    const told = often.map((keypoint) => `${skeleton.keypoints[keypoint]} ${percent(shares[keypoint])}`);
    return [
      {
        kind: 'missing',
        recording: id,
        file,
        frame: Math.min(...often.map((keypoint) => Number(firstMissing[animal][keypoint]))),
        keypoints: often.map((keypoint) => skeleton.keypoints[keypoint]),
        count: Math.round(frames * Math.max(...often.map((keypoint) => shares[keypoint]))),
        message: `${animals.names[animal]} is often missing: ${told.join(', ')}`,
      },
    ];
  });
}

function warnAboutJumps(
  { id, file, jumpFrames, firstJump, jumps, swapFrames }: RecordingInspection,
  { skeleton }: DatasetHeader,
  { jumpBodyLengths }: InspectOptions,
): InspectionWarning[] {
  const warnings: InspectionWarning[] = [];
  if (firstJump !== undefined) {
    const totals = skeleton.keypoints.map((name, keypoint) => ({
      name,
      count: jumps.reduce((sum, animal) => sum + animal[keypoint], 0),
    }));
    const worst = totals.filter(({ count }) => count > 0).sort((one, other) => other.count - one.count);
    const told = worst.slice(0, 3).map(({ name, count }) => `${name} ${count}`);
    warnings.push({
      kind: 'jumps',
      recording: id,
      file,
      frame: firstJump,
      keypoints: worst.map(({ name }) => name),
      count: jumpFrames,
      message: `points jump by more than ${jumpBodyLengths} body lengths in ${jumpFrames} frames (${told.join(', ')})`,
    });
  }
  if (swapFrames.length > 0)
    warnings.push({
      kind: 'swaps',
      recording: id,
      file,
      frame: swapFrames[0],
      count: swapFrames.length,
      message: `the animals seem to swap their identities at ${swapFrames.length === 1 ? 'one frame' : `${swapFrames.length} frames`}`,
    });
  return warnings;
}

function warnAboutOutside({ id, file, pointsOutside }: RecordingInspection): InspectionWarning[] {
  if (!pointsOutside) return [];
  const message = `${pointsOutside} points lie outside the picture`;
  return [{ kind: 'outside', recording: id, file, count: pointsOutside, message }];
}

export function warnAboutTrack({ name, vocabulary, subsets }: TrackInspection): InspectionWarning[] {
  return subsets.flatMap((subset) =>
    vocabulary.flatMap((label, index): InspectionWarning[] => {
      if (subset.frames[index] === 0)
        return [
          {
            kind: 'no-positives',
            count: subset.recordings,
            message: `no frame of ${subset.name} is ${label} in track ${name}`,
          },
        ];
      if (subset.recordingsWith[index] === 1 && subset.recordings > 1)
        return [
          {
            kind: 'one-recording',
            count: subset.recordings,
            recording: subset.firstWith[index] as string,
            message: `only one recording of ${subset.name} has ${label} in track ${name}`,
          },
        ];
      return [];
    }),
  );
}

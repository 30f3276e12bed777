import type {
  HeadsReport,
  PoseReport,
  RecordingReport,
  ReportData,
  TaskReport,
  TaskRowReport,
} from '../report-data.js';
import type { Blob } from './unpack.js';

/** Which task and row the pictures below the tables are of. */
export interface Selection {
  readonly run: number;
  readonly task: number;
  readonly row: number;
}

/** True and predicted classes of a recording by one task and row. */
export interface Track {
  readonly task: TaskReport;
  readonly row: TaskRowReport;
  /** Of `PoseReport.recordings`. */
  readonly recording: number;
  readonly about: RecordingReport;
  /** [frame] indices into the task's classes; -1: not annotated */
  readonly truth: Int16Array;
  readonly predicted: Int16Array;
  /** One byte for every few frames, 255 is 1; see `CONFIDENCE_FRAMES`. */
  readonly confidence: Uint8Array;
}

export interface Model {
  readonly data: ReportData;
  readonly blob: Blob;
  /** Runs that have kept something of a task: the others have tables alone. */
  readonly pictured: readonly HeadsReport[];
  selection(): Selection;
  select(change: Partial<Selection>): void;
  run(): HeadsReport;
  task(): TaskReport;
  row(): TaskRowReport;
  /** Tracks of the selected task and row, for the recordings in the page. */
  tracks(): readonly Track[];
  trackOf(recording: number): Track | undefined;
  /** [pose, coordinate] of a recording, in steps of its box; -1 where missing */
  poses(recording: number): Int16Array;
  onSelect(listener: () => void): void;
}

export function createModel(data: ReportData, blob: Blob): Model {
  let selection: Selection = { run: 0, task: 0, row: 0 };
  const listeners: (() => void)[] = [];
  const poses = new Map<number, Int16Array>();
  let tracks: readonly Track[] | undefined;
  const pictured = data.heads.filter(({ tasks }) => tasks.length > 0);
  const run = () => pictured[selection.run];
  const task = () => run().tasks[selection.task];
  const row = () => task().rows[selection.row];
  const model: Model = {
    data,
    blob,
    pictured,
    selection: () => selection,
    select(change) {
      const next = { ...selection, ...change };
      const { tasks } = pictured[next.run];
      const inTask = Math.min(next.task, tasks.length - 1);
      selection = { run: next.run, task: inTask, row: Math.min(next.row, tasks[inTask].rows.length - 1) };
      tracks = undefined;
      for (const listener of listeners) listener();
    },
    run,
    task,
    row,
    tracks() {
      tracks ??=
        data.poses === null || pictured.length === 0 ? [] : readTracks(data.poses, task(), row(), blob);
      return tracks;
    },
    trackOf: (recording) => model.tracks().find((track) => track.recording === recording),
    poses(recording) {
      const own = poses.get(recording) ?? readPoses(data.poses as PoseReport, recording, blob);
      poses.set(recording, own);
      return own;
    },
    onSelect: (listener) => listeners.push(listener),
  };
  return model;
}

function readTracks(poses: PoseReport, task: TaskReport, row: TaskRowReport, blob: Blob): Track[] {
  if (row.predictions.length !== task.truth.length) return [];
  return task.truth.map(({ recording, labels }, index) => ({
    ...{ task, row, recording, about: poses.recordings[recording] },
    truth: blob.labels(labels),
    predicted: blob.labels(row.predictions[index]),
    confidence: blob.bytes(row.confidence[index]),
  }));
}

function readPoses(
  { recordings, animals, keypoints }: PoseReport,
  recording: number,
  blob: Blob,
): Int16Array {
  const { poses, frames, step } = recordings[recording];
  return blob.poses(poses, Math.ceil(frames / step), animals.length * keypoints.length * 2);
}

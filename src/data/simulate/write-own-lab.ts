import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels, Recording } from '../pose.js';
import { type Beginning, beginFiles, FIRST_CALL, writeNewFile } from './new-files.js';
import { simulateRecording } from './simulate-recording.js';
import { TASK_ONE_CLASSES } from './vocabulary.js';

/** How much of a lab of its own is simulated. */
export interface OwnLabOptions {
  readonly seed: number;
  readonly recordings: number;
  readonly framesPerRecording: number;
  /** Share of points that the tracker left out: empty cells. */
  readonly missingShare: number;
}

/** Told after every recording. */
export interface WriteOwnLabProgress {
  readonly file: string;
  readonly framesDone: number;
  readonly framesTotal: number;
}

/** A lab with its own names, in the order of `MOUSE_SKELETON` and of resident and intruder. */
export const OWN_LAB = {
  individuals: ['black', 'white'],
  bodyparts: ['snout', 'leftear', 'rightear', 'shoulder', 'lefthip', 'righthip', 'tailbase'],
  /** Its camera has 640 x 356 pixels. */
  scale: 0.625,
  /** Track and value that a behaviour's name stands for. */
  behaviours: {
    sniffing: ['task1', TASK_ONE_CLASSES.indexOf('investigation')],
    mounting: ['task1', TASK_ONE_CLASSES.indexOf('mount')],
    grooming: ['groom', 1],
  },
} as const;

const SCORER = 'DLC_dlcrnetms5_ownlab_shuffle1_100000';

/**
 * Writes what a lab of its own might have: for each recording a multi-animal DeepLabCut table
 * (`mice-01DLC.csv`) and the events that somebody marked in BORIS (`mice-01.csv` under `boris/`).
 * @returns the paths, poses before events
 * @throws UserError where a file is already there
 */
export async function writeOwnLab(
  folder: string,
  options: OwnLabOptions,
  onProgress: (progress: WriteOwnLabProgress) => void = () => {},
  beginning: Beginning = FIRST_CALL,
): Promise<string[]> {
  const { seed, recordings, framesPerRecording, missingShare } = options;
  const files = Array.from({ length: recordings }, (_, index) => {
    const id = `mice-${String(index + 1).padStart(2, '0')}`;
    return { index, id, poses: join(folder, `${id}DLC.csv`), events: join(folder, 'boris', `${id}.csv`) };
  });
  const paths = files.flatMap(({ poses, events }) => [poses, events]);
  await beginFiles(paths, beginning);
  for (const { index, id, poses, events } of files) {
    if (!existsSync(poses) || !existsSync(events)) {
      const recording = simulateRecording({
        ...{ seed, subset: 'own-lab', index, id, frames: framesPerRecording },
        tracks: [
          { name: 'task1', annotator: 0 },
          { name: 'groom', behaviour: 'groom' },
        ],
        ...{ session: 'mating', emphasis: 'groom', missingShare },
      });
      await writeNewFile(poses, (handle) => handle.writeFile(formatPoses(recording)));
      await writeNewFile(events, (handle) => handle.writeFile(formatEvents(recording)));
    }
    const framesTotal = recordings * framesPerRecording;
    onProgress({ file: `${id}DLC.csv`, framesDone: (index + 1) * framesPerRecording, framesTotal });
  }
  return paths;
}

/** Four header rows, then a row a frame: x, y, likelihood of every point. */
function formatPoses({ pose, scores, frames }: Recording): string {
  const { individuals, bodyparts, scale } = OWN_LAB;
  const points = individuals.flatMap((individual) => bodyparts.map((bodypart) => ({ individual, bodypart })));
  const header = (name: string, cell: (point: (typeof points)[number]) => readonly string[]) =>
    [name, ...points.flatMap(cell)].join(',');
  const lines = [
    header('scorer', () => [SCORER, SCORER, SCORER]),
    header('individuals', ({ individual }) => [individual, individual, individual]),
    header('bodyparts', ({ bodypart }) => [bodypart, bodypart, bodypart]),
    header('coords', () => ['x', 'y', 'likelihood']),
  ];
  for (let frame = 0; frame < frames; frame++) {
    let line = String(frame);
    for (let point = frame * points.length; point < (frame + 1) * points.length; point++) {
      const x = pose[2 * point];
      line += Number.isNaN(x)
        ? ',,,'
        : `,${(scale * x).toFixed(3)},${(scale * pose[2 * point + 1]).toFixed(3)},${scores?.[point].toFixed(3)}`;
    }
    lines.push(line);
  }
  return `${lines.join('\n')}\n`;
}

/** BORIS's tabular events: one line for a start, one for a stop, in order of time. */
function formatEvents({ id, frames, framesPerSecond, labels }: Recording): string {
  const video = `${id}.avi`;
  const columns = 'Time,Media file path,Total length,FPS,Subject,Behavior,Behavioral category,Comment,Status';
  const rest = `${video},${(frames / framesPerSecond).toFixed(3)},${framesPerSecond.toFixed(1)},${OWN_LAB.individuals[0]}`;
  const events: { readonly frame: number; readonly line: string }[] = [];
  for (const [behaviour, [track, value]] of Object.entries(OWN_LAB.behaviours)) {
    for (const [start, stop] of findBouts(labels.get(track) as Labels, value)) {
      for (const [frame, status] of [
        [start, 'START'],
        [stop, 'STOP'],
      ] as const) {
        const seconds = (frame / framesPerSecond).toFixed(3);
        events.push({ frame, line: `${seconds},${rest},${behaviour},,,${status}` });
      }
    }
  }
  events.sort((a, b) => a.frame - b.frame);
  const head = [`Observation id,${id}`, '', `Media file(s),${video}`, '', 'Time offset (s),0.0', ''];
  return `${[...head, columns, ...events.map(({ line }) => line)].join('\n')}\n`;
}

/** Half-open frames [start, stop) of the runs of a value. */
function findBouts(labels: Labels, value: number): [number, number][] {
  const bouts: [number, number][] = [];
  for (let frame = 0; frame < labels.length; frame++) {
    if (labels[frame] === value && (frame === 0 || labels[frame - 1] !== value)) {
      bouts.push([frame, frame]);
    }
    if (labels[frame] === value) {
      bouts[bouts.length - 1][1] = frame + 1;
    }
  }
  return bouts;
}

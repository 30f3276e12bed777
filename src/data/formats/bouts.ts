import { UserError } from '../../errors.js';
import { type Labels, type TrackDeclaration, UNANNOTATED } from '../pose.js';
import { proposeName } from './tracked-poses.js';

/** One behaviour from a start to a stop: frames of the recording from 0, half open. */
export interface Bout {
  readonly name: string;
  readonly start: number;
  readonly stop: number;
  /** Where it stands in its file, e.g. `line 12`; for messages. */
  readonly where: string;
}

/** One stream (channel, subject) of an annotation file. */
export interface AnnotationStream {
  /** `S1`, a Bento channel, a BORIS subject; empty where the format has no streams. */
  readonly name: string;
  readonly bouts: readonly Bout[];
}

/** How bouts become the labels of a track. */
export interface Painting {
  readonly track: TrackDeclaration;
  /** The file's names of behaviours to classes of the vocabulary, where they differ. */
  readonly rename: Readonly<Record<string, string>>;
  /** Behaviours of the file that are left out. */
  readonly ignore: readonly string[];
  /** The class of frames that no bout covers; null: they are unannotated. */
  readonly background: string | null;
  /** Bouts that reach beyond the last frame are an error or are cut there. */
  readonly beyondEnd: 'refuse' | 'cut';
}

/** Labels and how many frames of bouts were cut off behind the end of the recording. */
export interface PaintedLabels {
  readonly labels: Labels;
  readonly framesCut: number;
}

/**
 * Makes a track of one class per frame from bouts. Throws a UserError, naming file and line, for behaviours outside
 * the vocabulary, bouts that overlap with another class, and bouts outside the recording.
 */
export function paintBouts(
  bouts: readonly Bout[],
  frames: number,
  painting: Painting,
  path: string,
): PaintedLabels {
  const { track, rename, ignore, background, beyondEnd } = painting;
  const labels = new Int16Array(frames).fill(UNANNOTATED);
  const owner = new Int32Array(frames).fill(-1);
  let framesCut = 0;
  for (const [index, bout] of bouts.entries()) {
    const fail = (what: string, hint: string): never => {
      throw new UserError('data', `${path}, ${bout.where}: ${what}`, { hint });
    };
    if (ignore.includes(bout.name)) continue;
    const name = Object.hasOwn(rename, bout.name) ? rename[bout.name] : bout.name;
    const label = track.vocabulary.indexOf(name);
    if (label < 0) {
      const near = proposeName(name, track.vocabulary);
      fail(
        `${JSON.stringify(name)} is not a class of track ${track.name} (${track.vocabulary.join(', ')})`,
        `Add it to the vocabulary, rename it${near ? ` (to ${near}?)` : ''}, or ignore it.`,
      );
    }
    if (!(bout.start >= 0 && bout.start <= bout.stop))
      fail(`frames [${bout.start}, ${bout.stop}) are no interval`, 'Correct the file.');
    if (bout.stop > frames) {
      if (beyondEnd === 'refuse')
        fail(
          `the bout ends at frame ${bout.stop}, the recording has ${frames}`,
          'Does the file belong to this recording? If the tracking just ends earlier: beyondEnd: cut.',
        );
      framesCut += bout.stop - Math.max(bout.start, frames);
    }
    for (let frame = bout.start; frame < Math.min(bout.stop, frames); frame++) {
      if (owner[frame] >= 0 && labels[frame] !== label)
        fail(
          `frame ${frame} is ${name} here and ${track.vocabulary[labels[frame]]} at ${bouts[owner[frame]].where}`,
          'A track has one class a frame: make a track of each behaviour that may overlap.',
        );
      labels[frame] = label;
      owner[frame] = index;
    }
  }
  if (background !== null) fillBackground(labels, track, background);
  return { labels, framesCut };
}

function fillBackground(labels: Labels, track: TrackDeclaration, background: string): void {
  const label = track.vocabulary.indexOf(background);
  if (label < 0)
    throw new UserError(
      'settings',
      `track ${track.name}: the background ${background} is not one of ${track.vocabulary.join(', ')}`,
    );
  for (let frame = 0; frame < labels.length; frame++)
    if (labels[frame] === UNANNOTATED) labels[frame] = label;
}

/** The bouts of a track in order of time; unannotated frames belong to none. */
export function findBouts(labels: Labels, vocabulary: readonly string[]): Bout[] {
  const bouts: Bout[] = [];
  for (let start = 0, stop = 0; start < labels.length; start = stop) {
    while (stop < labels.length && labels[stop] === labels[start]) stop++;
    if (labels[start] === UNANNOTATED) continue;
    const name = vocabulary[labels[start]];
    if (name === undefined)
      throw new RangeError(`label ${labels[start]} at frame ${start} is outside the vocabulary`);
    bouts.push({ name, start, stop, where: `frame ${start}` });
  }
  return bouts;
}

/** A track of labels as a stream of bouts: what the writers of annotation files take. */
export function toStream(track: TrackDeclaration & { readonly labels: Labels }): AnnotationStream {
  return { name: track.name, bouts: findBouts(track.labels, track.vocabulary) };
}

/**
 * The frame boundary of a time: a frame lasts from i / fps to (i + 1) / fps and belongs to the bout in which its
 * middle lies, so a bout [a, b) seconds covers frames [timeToFrame(a), timeToFrame(b)).
 */
export function timeToFrame(seconds: number, framesPerSecond: number): number {
  // times are printed with few decimals: a middle that is hit but for rounding counts as hit
  return Math.max(0, Math.ceil(seconds * framesPerSecond - 0.5 - 1e-6));
}

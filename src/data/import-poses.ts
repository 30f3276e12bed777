import { UserError } from '../errors.js';
import { fillGaps } from './fill-gaps.js';
import { type AnnotationStream, type PaintedLabels, paintBouts } from './formats/bouts.js';
import { arrangePoses } from './formats/tracked-poses.js';
import type { ImportContext, ImportSource } from './import-dataset.js';
import { compilePattern, displayPath, findFiles, recordingIdOf } from './import-files.js';
import { ImportNotes } from './import-notes.js';
import type {
  AnnotationSettings,
  PoseImportSettings,
  SkeletonSettings,
  TrackSettings,
} from './import-settings.js';
import type { DatasetHeader, Labels, Skeleton } from './pose.js';
import { readPoses, readStreams } from './read-source-files.js';
import { assertRecordingId } from './store/check-recording.js';

/** Recordings from one pose file each, with labels from the annotation files of the same recording. */
export function openPoseSource(settings: PoseImportSettings, baseFolder: string): ImportSource {
  const poseFiles = mapById(findFiles(settings.files, baseFolder), settings.recordingId, baseFolder);
  const annotations = settings.annotations.map((annotation) => ({
    annotation,
    files: mapById(findFiles(annotation.files, baseFolder), annotation.recordingId, baseFolder),
  }));
  const header = makeHeader(settings);
  const subsetOf = makeSubsetRule(settings);
  const rateOf = makeRateRule(settings);
  for (const id of poseFiles.keys()) [subsetOf(id), rateOf(id)];
  const notes = new ImportNotes();
  for (const { files } of annotations) {
    const strangers = [...files.keys()].filter((id) => !poseFiles.has(id));
    if (strangers.length === files.size)
      throw new UserError(
        'settings',
        `no annotation file belongs to a recording\n  recordings:  ${some(poseFiles)}\n  annotations: ${some(files)}`,
        { hint: 'Both ids are taken from the file names by recordingId; they have to be equal.' },
      );
    for (const id of strangers) notes.add('annotation files without a recording', id);
    for (const id of poseFiles.keys())
      if (!files.has(id)) notes.add('recordings without an annotation file', id);
  }
  async function* readRecordings(context: ImportContext) {
    const found = new Set<string>();
    for (const [id, path] of poseFiles) {
      const tracked = await readPoses(settings, path, context);
      const { skeleton, animals, minimalScore, fillGapFrames } = settings;
      const framesPerSecond = rateOf(id);
      const arrangement = {
        animals: animals.names,
        keypoints: skeleton.keypoints,
        renameAnimals: animals.rename,
        renameKeypoints: skeleton.rename,
        minimalScore,
      };
      const arranged = arrangePoses(tracked, arrangement, path);
      for (const name of arranged.unusedKeypoints) notes.add('keypoints left out', name);
      for (const name of arranged.unusedAnimals) notes.add('animals left out', name);
      const labels = new Map<string, Labels>();
      for (const { annotation, files } of annotations) {
        const file = files.get(id);
        const recording = { id, frames: tracked.frames, framesPerSecond };
        if (file !== undefined) await addLabels(annotation, file, recording, labels, notes, context);
      }
      for (const track of labels.keys()) found.add(track);
      const { scores } = arranged;
      const filled = fillGaps(arranged.pose, tracked.frames, fillGapFrames);
      if (filled.pointsFilled > 0) notes.add('gaps filled', `${id} (${filled.pointsFilled} points)`);
      const source = context.sourceOf(path);
      const { frames } = tracked;
      yield {
        id,
        subset: subsetOf(id),
        frames,
        framesPerSecond,
        pose: filled.pose,
        ...(scores && { scores }),
        labels,
        source,
      };
    }
    const absent = header.tracks.filter(({ name }) => !found.has(name)).map(({ name }) => name);
    if (absent.length > 0)
      throw new UserError('data', `no annotation file has the stream of track ${absent.join(', ')}`, {
        hint: 'Correct its stream in the settings.',
      });
  }
  return {
    files: [...poseFiles.values(), ...annotations.flatMap(({ files }) => [...files.values()])],
    get notes() {
      return notes.lines();
    },
    open: (context) => ({ header, recordings: readRecordings(context) }),
  };
}

async function addLabels(
  annotation: AnnotationSettings,
  path: string,
  { id, frames, framesPerSecond }: { id: string; frames: number; framesPerSecond: number },
  labels: Map<string, Labels>,
  notes: ImportNotes,
  context: ImportContext,
): Promise<void> {
  const streams = await context.readWhole(path, () => readStreams(annotation, path, framesPerSecond));
  for (const track of annotation.tracks) {
    const painted = paintTrack(track, streams, frames, annotation, path);
    if (!painted) {
      notes.add(`recordings without stream ${track.stream}`, id);
      continue;
    }
    if (labels.has(track.name))
      throw new UserError('data', `${path}: recording ${id} has labels of track ${track.name} already`);
    labels.set(track.name, painted.labels);
    if (painted.framesCut > 0)
      notes.add('labels cut at the end of the poses', `${id} (${painted.framesCut} frames)`);
  }
}

function paintTrack(
  track: TrackSettings,
  streams: readonly AnnotationStream[],
  frames: number,
  { beyondEnd }: AnnotationSettings,
  path: string,
): PaintedLabels | undefined {
  const { name, vocabulary, rename, ignore, background, stream } = track;
  const chosen = streams.filter((candidate) => stream === null || candidate.name === stream);
  if (chosen.length === 0 && stream !== null) return undefined;
  const bouts = chosen.flatMap((candidate) => candidate.bouts);
  const painting = { track: { name, vocabulary }, rename, ignore, background, beyondEnd };
  return paintBouts(bouts, frames, painting, path);
}

function mapById(paths: readonly string[], pattern: string | null, baseFolder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const path of paths) {
    const id = recordingIdOf(path, pattern);
    assertRecordingId(id);
    const other = files.get(id);
    if (other !== undefined)
      throw new UserError(
        'settings',
        `${displayPath(other, baseFolder)} and ${displayPath(path, baseFolder)} would both be recording ${id}`,
        { hint: 'Correct files or recordingId.' },
      );
    files.set(id, path);
  }
  return files;
}

function makeHeader({ name, skeleton, animals, camera, annotations }: PoseImportSettings): DatasetHeader {
  return {
    name,
    skeleton: toSkeleton(skeleton),
    animals: { names: animals.names, identity: animals.identity },
    tracks: annotations.flatMap(({ tracks }) => tracks.map(({ name, vocabulary }) => ({ name, vocabulary }))),
    ...(camera && { camera }),
  };
}

/** Turns names into indices. Throws a UserError for a name that is no keypoint. */
function toSkeleton(settings: SkeletonSettings): Skeleton {
  const index = (name: string, where: string) => {
    const at = settings.keypoints.indexOf(name);
    if (at < 0)
      throw new UserError(
        'settings',
        `skeleton.${where}: ${name} is not one of the keypoints (${settings.keypoints.join(', ')})`,
      );
    return at;
  };
  const pairs = (where: 'edges' | 'mirrorPairs') =>
    settings[where].map(([one, other]) => [index(one, where), index(other, where)] as const);
  return {
    keypoints: settings.keypoints,
    edges: pairs('edges'),
    mirrorPairs: pairs('mirrorPairs'),
    front: settings.front.map((name) => index(name, 'front')),
    back: settings.back.map((name) => index(name, 'back')),
  };
}

function makeSubsetRule({ subsets }: PoseImportSettings): (id: string) => string {
  const rules = subsets.map(({ name, match }) => ({ match, value: name }));
  return makeRule('subsets', rules);
}

function makeRateRule({ framesPerSecond }: PoseImportSettings): (id: string) => number {
  if (typeof framesPerSecond === 'number') return () => framesPerSecond;
  return makeRule('framesPerSecond', framesPerSecond);
}

/** The value of the first rule that fits an id. Throws a UserError where none does. */
function makeRule<Value>(
  setting: string,
  rules: readonly { readonly match: string; readonly value: Value }[],
): (id: string) => Value {
  const compiled = rules.map(({ match, value }) => ({
    value,
    expression: compilePattern(match, `${setting}.match`),
  }));
  return (id) => {
    const rule = compiled.find(({ expression }) => expression.test(id));
    if (!rule)
      throw new UserError('settings', `${setting}: no rule fits recording ${id}`, {
        hint: 'A last rule with match: "" takes all that is left.',
      });
    return rule.value;
  };
}

function some(files: ReadonlyMap<string, string>): string {
  return [...files.keys()].slice(0, 5).join(', ') + (files.size > 5 ? ', ...' : '');
}

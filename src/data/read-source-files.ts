import { readBentoAnnotations } from './formats/bento-annotations.js';
import { readBorisEvents } from './formats/boris.js';
import type { AnnotationStream } from './formats/bouts.js';
import { readBoutsCsv } from './formats/bouts-csv.js';
import { readCaltechAnnotations } from './formats/caltech-annotations.js';
import { readDeepLabCutCsv } from './formats/deeplabcut-csv.js';
import { readFramesCsv } from './formats/frames-csv.js';
import { readNumpyPoses } from './formats/numpy-poses.js';
import { readText } from './formats/read-chunks.js';
import { readHdf5Poses } from './formats/read-hdf5-poses.js';
import type { TrackedPoses } from './formats/tracked-poses.js';
import type { ImportContext } from './import-dataset.js';
import type { AnnotationLayout, PoseLayout } from './import-settings.js';

/** Reads one file of poses. */
export function readPoses(
  layout: PoseLayout,
  path: string,
  context: Pick<ImportContext, 'readFile' | 'readWhole'>,
): Promise<TrackedPoses> {
  switch (layout.format) {
    case 'deeplabcut-csv':
      return readDeepLabCutCsv(context.readFile(path), path);
    case 'deeplabcut-h5':
    case 'sleap-h5':
      return context.readWhole(path, () => readHdf5Poses(layout.format, path));
    case 'numpy':
      return context.readWhole(path, () => readNumpyPoses(path, layout));
  }
}

/** Reads one annotation file. */
export async function readStreams(
  layout: AnnotationLayout,
  path: string,
  framesPerSecond: number,
): Promise<AnnotationStream[]> {
  const text = await readText(path);
  switch (layout.format) {
    case 'caltech':
      return readCaltechAnnotations(text, path);
    case 'bento':
      return readBentoAnnotations(text, path);
    case 'boris':
      return readBorisEvents(text, path, { framesPerSecond, timeOffsetSeconds: layout.timeOffsetSeconds });
    case 'bouts-csv':
      return readBoutsCsv(text, path, layout, framesPerSecond);
    case 'frames-csv':
      return readFramesCsv(text, path, layout);
  }
}

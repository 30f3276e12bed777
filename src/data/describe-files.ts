import { UserError } from '../errors.js';
import { isBorisHeader } from './formats/boris.js';
import { guessDelimiter, parseCsv } from './formats/csv-text.js';
import { readChunks, readText } from './formats/read-chunks.js';
import { findHdf5Format } from './formats/read-hdf5-poses.js';
import type { AnnotationLayout, PoseLayout } from './import-settings.js';
import { readPoses, readStreams } from './read-source-files.js';
import { suggestSkeleton } from './suggest-skeleton.js';

/** Formats that say by themselves what they hold. */
export type PoseFormat = Exclude<PoseLayout['format'], 'numpy'>;

/** What a file of poses holds, and a guess at its skeleton to begin settings with. @throws UserError (`data`) */
export async function describePoseFile(path: string) {
  const format = await guessPoseFormat(path);
  const { animals, keypoints, frames } = await readPoses({ format }, path, {
    readFile: (file) => readChunks(file),
    readWhole: (_, read) => read(),
  });
  return { format, animals, keypoints, frames, suggestion: suggestSkeleton(keypoints) };
}

/**
 * What the first of some files holds; all must be of its format.
 * @throws UserError (`data`)
 */
export async function describePoseFiles(paths: readonly string[]) {
  const described = await describePoseFile(paths[0]);
  for (const path of paths.slice(1)) {
    const format = await guessPoseFormat(path);
    if (format !== described.format)
      throw new UserError(
        'data',
        `${path} is of the format ${format}, files before it of ${described.format}`,
      );
  }
  return described;
}

async function guessPoseFormat(path: string): Promise<PoseFormat> {
  if (/\.csv(\.gz)?$/i.test(path)) return 'deeplabcut-csv';
  if (/\.(h5|hdf5)$/i.test(path)) return findHdf5Format(path);
  throw new UserError('data', `${path} is neither .csv, .csv.gz nor .h5`, {
    hint: 'Name files of poses alone, e.g. "videos/*DLC.csv". Arrays of NumPy need names of animals and keypoints: `whisker config init import` writes settings to fill in.',
  });
}

/**
 * The format of annotation files and every behaviour that they mark, in the order of their first bouts.
 * @throws UserError (`data`) for a file of no known format, or files of several
 */
export async function describeLabelFiles(
  paths: readonly string[],
  framesPerSecond: number,
): Promise<{ readonly format: AnnotationLayout['format']; readonly behaviours: readonly string[] }> {
  const behaviours = new Set<string>();
  let layout: AnnotationLayout | undefined;
  for (const path of paths) {
    const found = guessAnnotationLayout(await readText(path), path);
    if (layout !== undefined && found.format !== layout.format)
      throw new UserError(
        'data',
        `${path} is of the format ${found.format}, files before it of ${layout.format}`,
      );
    layout = found;
    for (const { bouts } of await readStreams(found, path, framesPerSecond))
      for (const { name } of bouts) behaviours.add(name);
  }
  return { format: (layout as AnnotationLayout).format, behaviours: [...behaviours] };
}

/** Formats whose files say what they are. Tables of a lab's own don't: what their columns mean has to be told. */
function guessAnnotationLayout(text: string, path: string): AnnotationLayout {
  if (text.startsWith('Caltech Behavior Annotator')) return { format: 'caltech' };
  if (/^(Bento|Tracergui) annotation file/i.test(text)) return { format: 'bento' };
  const rows = parseCsv(text, guessDelimiter(text), path);
  if (rows.some(isBorisHeader)) return { format: 'boris', timeOffsetSeconds: 'file' };
  throw new UserError('data', `${path} holds no events of BORIS, the Caltech annotator or Bento`, {
    hint: explainTable(rows[0]?.cells ?? []),
  });
}

/** How a table of a lab's own is described, with its columns where it has several. */
function explainTable(columns: readonly string[]): string {
  const known = columns.length > 1 ? `Its columns are ${columns.slice(0, 12).join(', ')}. ` : '';
  return (
    `${known}Which of them is what, settings have to say. Leave the labels out here, then add a section to \`source:\` of the import's settings:\n` +
    '  annotations:\n' +
    '    - format: bouts-csv\n' +
    '      files: [...]\n' +
    '      columns: { start: ..., stop: ..., behaviour: ..., stream: null }\n' +
    '      unit: seconds\n' +
    '      tracks: [{ name: behaviour, vocabulary: [other, ...], background: other }]\n' +
    '(one bout a line; with one frame a line, frames-csv). Every setting: `whisker config list import source.annotations`.'
  );
}

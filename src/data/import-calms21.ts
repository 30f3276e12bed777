import { basename } from 'node:path';
import { UserError } from '../errors.js';
import { readCalms21, readCalms21Npy } from './formats/calms21.js';
import {
  CALMS21_FILES,
  type Calms21File,
  groupsOfFile,
  inferCalms21File,
  partOfGroup,
} from './formats/calms21-layout.js';
import { collectNpy } from './formats/npy.js';
import { openZip } from './formats/zip-entries.js';
import type { ImportContext, ImportSource } from './import-dataset.js';
import { compilePattern, displayPath, findFiles, isHidden } from './import-files.js';
import type { Calms21ImportSettings } from './import-settings.js';
import { MOUSE_SKELETON, type TrackDeclaration } from './pose.js';

/**
 * CalMS21 from whichever of its files are there, all in one data set: subsets `unlabelled`, `task1/train`,
 * `task2/annotator1/test`, `task3/approach/train`, ...; tracks `task1`, `task2/annotator1`, `task3/approach`, ...
 * Files that are missing are told in the notes.
 */
export async function openCalms21Source(
  settings: Calms21ImportSettings,
  baseFolder: string,
): Promise<ImportSource> {
  const contents = settings.contents.map((rule) => ({
    expression: compilePattern(rule.match, 'contents.match'),
    file: rule.task === 'unlabelled' ? { task: rule.task } : { task: rule.task, split: rule.split },
  }));
  const known: KnownFile[] = [];
  const others: string[] = [];
  for (const path of findFiles(settings.files, baseFolder))
    for (const zipEntry of /\.zip$/i.test(path) ? await listEntries(path) : [undefined]) {
      const name = zipEntry ?? path;
      const file =
        contents.find(({ expression }) => expression.test(basename(name)))?.file ?? inferCalms21File(name);
      if (file) known.push({ path, zipEntry, file });
      else others.push(displayPath(path, baseFolder));
    }
  if (known.length === 0)
    throw new UserError(
      'data',
      `none of the files is named like one of CalMS21: ${others.slice(0, 5).join(', ')}`,
      {
        hint: `Expected names such as ${CALMS21_FILES[0]}, or rules under contents that say what the files hold.`,
      },
    );
  const tracks = new Map<string, TrackDeclaration>();
  for (const file of inOrder(known.map(({ file }) => file)))
    for (const group of groupsOfFile(file)) {
      const track = partOfGroup(file, group)?.track;
      if (track) tracks.set(track.name, track);
    }
  return {
    files: [...new Set(known.map(({ path }) => path))],
    notes: describeMissing(known.map(({ file }) => file)),
    open: (context) => ({
      header: {
        name: settings.name,
        skeleton: MOUSE_SKELETON,
        animals: { names: ['resident', 'intruder'], identity: 'ordered' },
        tracks: [...tracks.values()],
      },
      recordings: readRecordings(known, context),
    }),
  };
}

/** A file of CalMS21, on its own or in one of the published archives. */
interface KnownFile {
  readonly path: string;
  readonly zipEntry: string | undefined;
  readonly file: Calms21File;
}

/** The files of an archive but hidden ones: macOS packs `__MACOSX/._NAME` beside NAME. */
async function listEntries(path: string): Promise<string[]> {
  const archive = await openZip(path);
  archive.close();
  return archive.entries.map(({ name }) => name).filter((name) => !isHidden(basename(name)));
}

async function* readRecordings(files: readonly KnownFile[], context: ImportContext) {
  for (const { path, zipEntry, file } of files) {
    const { file: shownPath, sha256 } = context.sourceOf(path);
    const shown = zipEntry === undefined ? shownPath : `${shownPath}/${zipEntry}`;
    const chunks = context.readFile(path, zipEntry);
    const recordings = /\.npy$/i.test(shown)
      ? readCalms21Npy(await collectNpy(chunks, shown), shown, file)
      : readCalms21(chunks, shown, file);
    for await (const recording of recordings) yield { ...recording, source: { file: shown, sha256 } };
  }
}

function inOrder(files: readonly Calms21File[]): Calms21File[] {
  return files.toSorted((one, other) => String(one.task).localeCompare(String(other.task)));
}

function describeMissing(files: readonly Calms21File[]): string[] {
  const present = (name: string) => {
    const wanted = inferCalms21File(name);
    return files.some((file) => file.task === wanted?.task && file.split === wanted?.split);
  };
  const missing = CALMS21_FILES.filter((name) => !present(name));
  const parts = files.filter((file) => file.task === 'unlabelled').length;
  if (parts > 0 && parts < 4) missing.push(`${4 - parts} of the 4 parts of calms21_unlabeled_videos`);
  return missing.length === 0 ? [] : [`Not there, so not in the data set: ${missing.join(', ')}`];
}

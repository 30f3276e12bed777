import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { SETTINGS_KINDS } from '../config/kinds.js';
import { nearest } from '../config/nearest.js';
import { type OwnLabels, ownSettings } from '../config/own-settings.js';
import { runName } from '../config/schema/fields.js';
import { describeLabelFiles, describePoseFiles } from '../data/describe-files.js';
import { findFiles, recordingIdOf } from '../data/import-files.js';
import { type RecordingIdSuggestion, suggestRecordingIds } from '../data/suggest-recording-ids.js';
import { UserError } from '../errors.js';
import { nextCommandFor } from './next-command.js';
import type { Output } from './output.js';
import { canAsk, withQuestions } from './questions.js';
import { quoteForShell } from './shell-words.js';
import { writeNew } from './write-new.js';

export const IDENTITIES = ['ordered', 'exchangeable'] as const;
type Identity = (typeof IDENTITIES)[number];

/** What the command line gives; the rest is asked. */
interface Given {
  /** Names and patterns of files. */
  readonly poses: readonly string[] | undefined;
  readonly name: string | undefined;
  readonly fps: number | undefined;
  readonly identity: string | undefined;
  readonly labels: readonly string[] | undefined;
  readonly behaviours: string | undefined;
}

/** Asks for what was not given; where nobody can be asked, the fallback. */
interface Asker {
  text(key: 'name' | 'fps' | 'identity' | 'behaviours', question: string, fallback: string): Promise<string>;
  /** Names and patterns of files; an empty answer is none. */
  files(key: 'poses' | 'labels', question: string, fallback: string): Promise<readonly string[]>;
}

/**
 * Looks into somebody's own files and writes settings for the whole way: import, pretraining, and heads where there are labels.
 * @throws UserError for files that can't be read, answers that make no sense, settings that are there already
 */
export async function initOwn(given: Given, output: Output): Promise<void> {
  const missing = (['poses', 'fps'] as const).filter((key) => given[key] === undefined);
  if (!canAsk() && missing.length > 0) {
    throw new UserError('usage', `nobody can be asked here, and --${missing.join(' and --')} must be known`, {
      hint: `Give your files: --poses "videos/*.csv" --fps 30. Or name a kind of settings: ${SETTINGS_KINDS.join(', ')}.`,
    });
  }
  const files = canAsk()
    ? await withQuestions((ask) => describeOwn(makeAsker(given, ask), output))
    : await describeOwn(makeAsker(given, null), output);
  const names = Object.keys(files);
  refuseExistingSettings(names);
  for (const [file, text] of Object.entries(files)) await writeNew(file, text);
  output.result({ files: names }, names.join('\n'));
  output.next(
    `whisker config check ${names.map(quoteForShell).join(' ')}`,
    nextCommandFor('import', names[0]),
    nextCommandFor('pretrain', names[1]),
    ...(names.length > 2 ? [nextCommandFor('finetune', names[2])] : []),
  );
}

/** @param ask null: nobody is there, and the fallbacks answer */
function makeAsker(given: Given, ask: ((question: string) => Promise<string>) | null): Asker {
  const answerTo = async (question: string, fallback: string): Promise<string> =>
    (await ask?.(`${question} [${fallback}] `)) || fallback;
  return {
    text: async (key, ...question) => String(given[key] ?? (await answerTo(...question))),
    files: async (key, ...question) => given[key] ?? [await answerTo(...question)].filter(Boolean),
  };
}

function refuseExistingSettings(names: readonly string[]): void {
  const present = names.filter((file) => existsSync(file));
  if (present.length === 0) return;
  throw new UserError(
    'usage',
    `${present.join(' and ')} ${present.length === 1 ? 'is' : 'are'} there already`,
    {
      hint: 'Give another --name, or remove them.',
    },
  );
}

/** The settings files, by name. */
async function describeOwn(ask: Asker, output: Output): Promise<Readonly<Record<string, string>>> {
  const poses = await ask.files('poses', 'Your files of DeepLabCut (csv, h5) or SLEAP (h5)', 'videos/*.csv');
  const poseFiles = findFiles(poses, process.cwd());
  const { format, animals, keypoints, suggestion } = await describePoseFiles(poseFiles);
  output.message(
    `${count(poseFiles, 'file')} (${format}); the first has the animals ${animals.join(', ')} and the points ${keypoints.join(', ')}`,
  );
  const name = await ask.text('name', 'A name for them', 'my-mice');
  const { success, error } = runName().safeParse(name);
  if (!success) throw new UserError('usage', `the name ${error.issues[0].message}, got ${name}`);
  refuseExistingSettings([`${name}-import.yaml`, `${name}.yaml`]);
  const framesPerSecond = Number(await ask.text('fps', 'Frames per second of the videos', '30'));
  if (!(framesPerSecond > 0))
    throw new UserError('usage', `frames per second must be above 0, got ${framesPerSecond}`);
  const identity = await ask.text(
    'identity',
    `Do animals keep their identity? ${IDENTITIES.join(' or ')}`,
    'ordered',
  );
  if (!IDENTITIES.includes(identity as Identity))
    throw new UserError('usage', `identity must be one of ${IDENTITIES.join(', ')}, got ${identity}`);
  const labelFiles = await ask.files(
    'labels',
    'Files of BORIS, Caltech or Bento, one a recording; none: leave empty',
    '',
  );
  const paths = findFiles(labelFiles, process.cwd());
  const ids = suggestRecordingIds(poseFiles, paths);
  const labels =
    paths.length === 0 ? null : await describeLabels(labelFiles, paths, ids, framesPerSecond, ask, output);
  if (labels?.recordings === 1)
    output.message('Heads are cross-validated by recording: label a second one, then call this again');
  const { front, back, mirrorPairs } = suggestion;
  if (front.length === 0 || back.length === 0) {
    output.message(
      `Which of ${keypoints.join(', ')} is the front, which the back? The names don't tell: correct ${name}-import.yaml before you import`,
    );
  }
  return ownSettings({
    ...{
      name,
      poses,
      format,
      identity: identity as Identity,
      animals,
      keypoints,
      mirrorPairs,
      framesPerSecond,
      labels,
    },
    recordingId: ids.poses,
    front: front.length > 0 ? front : keypoints.slice(0, 1),
    back: back.length > 0 ? back : keypoints.slice(-1),
  });
}

async function describeLabels(
  files: readonly string[],
  paths: readonly string[],
  ids: RecordingIdSuggestion,
  framesPerSecond: number,
  ask: Asker,
  output: Output,
): Promise<OwnLabels> {
  if (ids.paired.length === 0) {
    throw new UserError(
      'data',
      `no label file belongs to a recording\n  poses:  ${some(ids.posesAlone)}\n  labels: ${some(ids.labelsAlone)}`,
      { hint: 'Name both files after the recording, or leave --labels out and set recordingId by hand.' },
    );
  }
  if (ids.posesAlone.length > 0) output.message(`Without labels: ${some(ids.posesAlone)}`);
  if (ids.labelsAlone.length > 0) output.message(`Labels without poses: ${some(ids.labelsAlone)}`);
  const used = paths.filter((path) => ids.paired.includes(recordingIdOf(path, ids.labels)));
  const { format, behaviours: marked } = await describeLabelFiles(used, framesPerSecond);
  output.message(`${count(used, 'label file')} (${format}) with the behaviours ${marked.join(', ')}`);
  const chosen = await ask.text(
    'behaviours',
    'Which of them shall be learned, joined by commas',
    marked.join(','),
  );
  const behaviours = [...new Set(chosen.split(',').map((behaviour) => behaviour.trim()))].filter(Boolean);
  const unknown = behaviours.find((behaviour) => !marked.includes(behaviour));
  if (unknown !== undefined || behaviours.length === 0) {
    const meant = nearest(unknown ?? '', marked);
    throw new UserError(
      'usage',
      `${unknown ?? 'nothing'} is not marked in ${basename(used[0])} or the others`,
      {
        hint: meant === undefined ? `Marked are ${marked.join(', ')}.` : `Did you mean ${meant}?`,
      },
    );
  }
  return { files, format, recordingId: ids.labels, behaviours, marked, recordings: ids.paired.length };
}

function some(ids: readonly string[]): string {
  return ids.slice(0, 5).join(', ') + (ids.length > 5 ? ` and ${ids.length - 5} more` : '');
}

function count(items: readonly unknown[], noun: string): string {
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}`;
}

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { SETTINGS_KINDS, type SettingsKind } from '../config/kinds.js';
import { ownSettings } from '../config/own-settings.js';
import { starterSettings } from '../config/starter-settings.js';
import { findFiles } from '../data/import-files.js';
import { describePoseFile } from '../data/read-source-files.js';
import { UserError } from '../errors.js';
import { defineCommand } from './command.js';
import { nextCommandFor, quoteForShell } from './next-command.js';
import type { Output } from './output.js';

const IDENTITIES = ['ordered', 'exchangeable'] as const;

export default defineCommand({
  positionals: {
    kind: {
      type: 'string',
      choices: SETTINGS_KINDS,
      describe: 'settings of this kind, every default written out; left out: for recordings of your own',
    },
    file: { type: 'string', describe: 'where to; KIND.yaml if left out' },
  },
  options: {
    poses: { type: 'string', describe: 'your DeepLabCut csv files, e.g. "videos/*.csv"; asked if left out' },
    name: { type: 'string', describe: 'a name for them; asked if left out' },
    fps: { type: 'number', describe: 'frames per second of the videos; asked if left out' },
    identity: {
      type: 'string',
      choices: IDENTITIES,
      describe: 'ordered: animals have roles; exchangeable: the tracker may swap them',
    },
    labels: { type: 'string', describe: 'your BORIS csv files, one a recording' },
    behaviours: { type: 'string', describe: 'the behaviours marked there, e.g. sniffing,mounting' },
  },
  example: ['$0 config init pretrain mice.yaml', 'settings to start from, with every default written out'],
  async run(values, { output }) {
    const { kind, file } = values;
    if (kind !== undefined) {
      const target = file ?? `${kind}.yaml`;
      await writeNew(target, starterSettings(kind as SettingsKind));
      output.result({ file: target, kind }, target);
      output.next(`whisker config check ${quoteForShell(target)}`);
      return;
    }
    await initOwn(await askWhatIsMissing(values), output);
  },
});

interface Answers {
  readonly poses: string;
  readonly name: string;
  readonly fps: number;
  readonly identity: (typeof IDENTITIES)[number];
  readonly labels: string;
  readonly behaviours: string;
}

type Given = Readonly<Partial<Record<keyof Answers, string | number | undefined>>>;

/** @throws UserError (`usage`) where something is missing and nobody can be asked */
async function askWhatIsMissing(given: Given): Promise<Answers> {
  const canAsk = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (!canAsk && given.poses === undefined) {
    throw new UserError('usage', 'nobody can be asked here what the settings are for', {
      hint: `Name a kind (${SETTINGS_KINDS.join(', ')}), or your files: --poses "videos/*.csv" --fps 30`,
    });
  }
  const terminal = canAsk ? createInterface({ input: process.stdin, output: process.stderr }) : null;
  const ask = async (key: keyof Answers, question: string, fallback: string): Promise<string> => {
    if (given[key] !== undefined) return String(given[key]);
    if (terminal === null) return fallback;
    const answer = (await terminal.question(`${question} [${fallback}] `)).trim();
    return answer === '' ? fallback : answer;
  };
  try {
    const poses = await ask('poses', 'Your DeepLabCut csv files', 'videos/*.csv');
    const name = await ask('name', 'A name for them', 'my-mice');
    const fps = Number(await ask('fps', 'Frames per second of the videos', '30'));
    const identity = await ask(
      'identity',
      'Do animals keep their identity? ordered or exchangeable',
      'ordered',
    );
    const labels = await ask(
      'labels',
      'BORIS csv files with behaviours, one a recording; none: leave empty',
      '',
    );
    const behaviours =
      labels === '' ? '' : await ask('behaviours', 'The behaviours marked there, joined by commas', '');
    if (!(fps > 0)) throw new UserError('usage', `frames per second must be above 0, got ${fps}`);
    if (!IDENTITIES.includes(identity as Answers['identity'])) {
      throw new UserError('usage', `identity must be one of ${IDENTITIES.join(', ')}, got ${identity}`);
    }
    return { poses, name, fps, identity: identity as Answers['identity'], labels, behaviours };
  } finally {
    terminal?.close();
  }
}

/** Looks into the first file for animals and keypoints, and writes settings for the whole way. */
async function initOwn(answers: Answers, output: Output): Promise<void> {
  const { poses, name, fps, identity, labels } = answers;
  const [first] = findFiles([poses], process.cwd());
  const { animals, keypoints, suggestion } = await describePoseFile({ format: 'deeplabcut-csv' }, first);
  const { front, back, mirrorPairs } = suggestion;
  if (front.length === 0 || back.length === 0) {
    output.message(
      `Which of ${keypoints.join(', ')} is the front, which the back? Nothing was guessed: look at the import file`,
    );
  }
  const behaviours = answers.behaviours
    .split(',')
    .map((behaviour) => behaviour.trim())
    .filter(Boolean);
  const files = ownSettings({
    ...{ name, poses, identity, animals, keypoints, mirrorPairs },
    framesPerSecond: fps,
    front: front.length > 0 ? front : keypoints.slice(0, 1),
    back: back.length > 0 ? back : keypoints.slice(-1),
    labels: labels === '' || behaviours.length === 0 ? null : { files: labels, behaviours },
  });
  const present = Object.keys(files).filter((file) => existsSync(file));
  if (present.length > 0) {
    throw new UserError('usage', `${present.join(', ')} exists already`, { hint: 'Give another --name.' });
  }
  for (const [file, text] of Object.entries(files)) await writeNew(file, text);
  const names = Object.keys(files);
  output.result({ files: names }, names.join('\n'));
  output.next(
    `whisker config check ${names.map(quoteForShell).join(' ')}`,
    nextCommandFor('import', names[0]),
    nextCommandFor('pretrain', names[1]),
    ...(names.length > 2 ? [nextCommandFor('finetune', names[2])] : []),
  );
}

async function writeNew(target: string, text: string): Promise<void> {
  try {
    await writeFile(target, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new UserError('usage', `${target} exists already`, { hint: 'Name another file.' });
    }
    throw new UserError('usage', `${target} can't be written (${code})`, { cause: error });
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CALMS21_SIZES } from '../data/simulate/calms21-sizes.js';
import { writeCalms21Json } from '../data/simulate/write-calms21-json.js';
import { writeCalms21Store } from '../data/simulate/write-calms21-store.js';
import { type OwnLabOptions, type WriteOwnLabProgress, writeOwnLab } from '../data/simulate/write-own-lab.js';
import { UserError } from '../errors.js';
import { writeWhole } from '../files/write-whole.js';
import { type CommandContext, defineCommand } from './command.js';
import { importCommand, pretrainCommands } from './next-command.js';
import { requireCount } from './option-values.js';
import { formatColumns } from './output.js';
import { quoteForShell } from './shell-words.js';
import { type ProgressTeller, showProgress } from './show-progress.js';

/** Beside the files: what they were made from, so that a second call can tell what is left to do. */
const MANIFEST = 'simulated.json';

/** Sizes of what a lab of its own might have. */
const OWN_LAB_SIZES: Readonly<Record<string, Omit<OwnLabOptions, 'seed'>>> = {
  'own-lab': { recordings: 8, framesPerRecording: 3600, missingShare: 0.03 },
  'own-lab-tiny': { recordings: 3, framesPerRecording: 600, missingShare: 0.03 },
};
/** Where `configs/quickstart-import.yaml` looks. */
const QUICKSTART_FOLDER = 'checkpoints/quickstart-data/json';

interface Manifest {
  readonly preset: string;
  readonly seed: number;
  readonly indent: number;
  readonly files: readonly string[];
}

export default defineCommand({
  positionals: {},
  options: {
    preset: {
      type: 'string',
      choices: ['tiny', 'quickstart', 'calms21', ...Object.keys(OWN_LAB_SIZES)],
      default: 'quickstart',
      describe: 'CalMS21 of seconds, minutes or its own size; or DeepLabCut and BORIS files of a lab',
    },
    out: { type: 'string', demandOption: true, describe: 'the folder for the files' },
    seed: { type: 'number', default: 1, describe: 'the same seed gives the same mice' },
    indent: { type: 'number', default: 0, describe: 'spaces of an indent in JSON; 4 as CalMS21 has' },
    store: {
      type: 'boolean',
      default: false,
      describe: 'write a data set at once, no files that have to be imported',
    },
  },
  example: ['$0 data simulate --preset tiny --out checkpoints/tiny-json', 'files in the layout of CalMS21'],
  async run({ preset, out, seed, indent, store }, context) {
    const { output } = context;
    requireCount('seed', seed, 0);
    requireCount('indent', indent, 0);
    if (store) return simulateStore(preset, out, seed, context);
    const asked = { preset, seed, indent };
    const before = readManifest(out);
    const isAgain = before !== undefined && isSame(before, asked);
    const isWhole = isAgain && before.files.every((file) => existsSync(file));
    if (isWhole) output.message(`${out} already holds these files`);
    const files = isWhole ? before.files : await writeFiles(out, asked, isAgain, context);
    output.result({ folder: out, files }, formatColumns(files.map((file) => [file])));
    output.next(preset in OWN_LAB_SIZES ? initOwnLab(out) : importCalms21(out));
  },
});

/** The way of the data without its files. */
async function simulateStore(
  preset: string,
  out: string,
  seed: number,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  if (preset in OWN_LAB_SIZES)
    throw new UserError('usage', `--store goes with a preset of CalMS21, not with ${preset}`);
  const sizes = CALMS21_SIZES[preset as keyof typeof CALMS21_SIZES];
  const options = { seed, sizes, missingShare: 0 };
  const { status } = await showProgress(shown(out), context, (tell) =>
    writeCalms21Store(out, options, false, tellProgress(tell)),
  );
  if (status === 'present') output.message(`${out} already holds this data set`);
  output.result({ folder: out, status }, out);
  output.next(
    `whisker data inspect ${quoteForShell(out)}`,
    ...pretrainCommands({
      ...{ folder: out, name: 'simulated CalMS21', subsets: ['unlabelled'], config: null },
      environment: context.environment,
    }),
  );
}

async function writeFiles(
  out: string,
  asked: Omit<Manifest, 'files'>,
  isAgain: boolean,
  context: CommandContext,
): Promise<string[]> {
  const { preset, seed, indent } = asked;
  // Before the files: an interrupted call is known by it, and taken up.
  const onBegin = (files: readonly string[]) =>
    writeWhole(join(out, MANIFEST), [Buffer.from(`${JSON.stringify({ ...asked, files }, null, 2)}\n`)]);
  const beginning = { isAgain, onBegin };
  return showProgress(shown(out), context, (tell) => {
    if (preset in OWN_LAB_SIZES)
      return writeOwnLab(out, { seed, ...OWN_LAB_SIZES[preset] }, tellProgress(tell), beginning);
    const sizes = CALMS21_SIZES[preset as keyof typeof CALMS21_SIZES];
    return writeCalms21Json(out, { seed, sizes, indent }, tellProgress(tell), beginning);
  });
}

function importCalms21(out: string): string {
  const changes = out === QUICKSTART_FOLDER ? {} : { 'source.files': [out], out: `${out}-store` };
  return importCommand('quickstart-import.yaml', changes);
}

/** Settings made for these files, as for anybody's own. */
function initOwnLab(out: string): string {
  const [poses, labels] = [`${out}/*DLC.csv`, `${out}/boris/*.csv`].map(quoteForShell);
  return `whisker config init --poses ${poses} --labels ${labels} --name ${quoteForShell(basename(out))} --fps 30`;
}

function isSame(before: Manifest, asked: Omit<Manifest, 'files'>): boolean {
  return before.preset === asked.preset && before.seed === asked.seed && before.indent === asked.indent;
}

function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch (cause) {
    throw new UserError('data', `${path} is damaged: ${(cause as Error).message}`, {
      hint: 'Simulate into another folder',
      cause,
    });
  }
}

function shown(out: string) {
  return { command: 'data simulate', name: out, unit: 'frames' } as const;
}

function tellProgress({ progress: tell }: ProgressTeller): (progress: WriteOwnLabProgress) => void {
  return ({ file, framesDone, framesTotal }) => tell({ subject: file, done: framesDone, total: framesTotal });
}

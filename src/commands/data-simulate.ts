import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALMS21_SIZES } from '../data/simulate/calms21-sizes.js';
import { type WriteCalms21Progress, writeCalms21Json } from '../data/simulate/write-calms21-json.js';
import { UserError } from '../errors.js';
import { defineCommand } from './command.js';
import { quoteForShell } from './next-command.js';
import { formatColumns, type Output } from './output.js';

/** Beside the files: what they were made from, so that a second call can tell that it has nothing to do. */
const MANIFEST = 'simulated.json';
const SECOND_MS = 1000;

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
      choices: ['tiny', 'quickstart', 'calms21'],
      default: 'quickstart',
      describe: 'how much: seconds, minutes, or all of it',
    },
    out: { type: 'string', demandOption: true, describe: 'the folder for the JSON files' },
    seed: { type: 'number', default: 1, describe: 'the same seed gives the same mice' },
    indent: { type: 'number', default: 0, describe: 'spaces of an indent; 4 as the published files have' },
  },
  example: ['$0 data simulate --preset tiny --out checkpoints/tiny-json', 'files in the layout of CalMS21'],
  async run({ preset, out, seed, indent }, { output }) {
    const asked = { preset, seed, indent };
    const before = readManifest(out);
    if (before !== undefined && isSame(before, asked)) {
      output.message(`${out} already holds these files`);
    } else {
      const sizes = CALMS21_SIZES[preset as keyof typeof CALMS21_SIZES];
      const paths = await writeCalms21Json(out, { seed, sizes, indent }, tellProgress(output));
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, MANIFEST), `${JSON.stringify({ ...asked, files: paths }, null, 2)}\n`);
    }
    const files = (readManifest(out) as Manifest).files;
    output.result({ folder: out, files }, formatColumns(files.map((file) => [file])));
    output.next(`whisker data import configs/quickstart-import.yaml data.folder=${quoteForShell(out)}`);
  },
});

function isSame(before: Manifest, asked: Omit<Manifest, 'files'>): boolean {
  return (
    before.preset === asked.preset &&
    before.seed === asked.seed &&
    before.indent === asked.indent &&
    before.files.every((file) => existsSync(file))
  );
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

/** A line a second, with the share, the rate and the time left. */
function tellProgress(output: Output): (progress: WriteCalms21Progress) => void {
  const start = performance.now();
  let told = start;
  return ({ file, framesDone, framesTotal }) => {
    const now = performance.now();
    if (now - told < SECOND_MS && framesDone < framesTotal) return;
    told = now;
    const rate = framesDone / ((now - start) / 1000);
    const left = Math.ceil((framesTotal - framesDone) / rate);
    output.message(
      `${file}: ${Math.round((100 * framesDone) / framesTotal)} %, ${Math.round(rate)} frames/s, ${left} s left`,
    );
  };
}

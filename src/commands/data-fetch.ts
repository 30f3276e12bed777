import {
  CALMS21_ARCHIVES,
  CALMS21_DEFAULT_PARTS,
  CALMS21_PARTS,
  CALMS21_RECORD_URL,
  CALMS21_TERMS,
  type Calms21ArchivePart,
} from '../data/archive/calms21-parts.js';
import type { FetchProgress } from '../data/archive/fetch-file.js';
import {
  type FetchPlan,
  fetchPlanned,
  findFetched,
  planFetch,
  requireSpace,
  type WantedFile,
} from '../data/archive/fetch-record.js';
import { countPackedBytes, unpackZip } from '../data/archive/unpack-zip.js';
import { formatBytes } from '../ui/format.js';
import { type CommandContext, defineCommand } from './command.js';
import { importCommand } from './next-command.js';
import { formatColumns, type Output } from './output.js';
import { askToFetch } from './questions.js';
import { type ProgressTeller, showProgress } from './show-progress.js';

/** Where `configs/calms21-import.yaml` looks. */
const FOLDER = 'data/calms21';
/** For the list of files: somebody waits for an answer. */
const LIST_ATTEMPTS = 3;
/** For the archives: hours, perhaps over night. */
const PATIENCE = { attempts: 8, stallMs: 60_000, retryWaitMs: 1000 };

export default defineCommand({
  positionals: {
    name: { type: 'string', choices: ['calms21'], demandOption: true, describe: 'which data set' },
    parts: {
      type: 'string',
      array: true,
      choices: CALMS21_PARTS,
      default: [] as string[],
      describe: `what of it; by default ${CALMS21_DEFAULT_PARTS.join(' ')}`,
    },
  },
  options: {
    yes: { type: 'boolean', default: false, describe: 'fetch without a question' },
    unpack: {
      type: 'boolean',
      default: false,
      describe: 'unpack the archives too, beside the folder; imports read them packed',
    },
    from: { type: 'string', describe: 'a folder with the archives, where they were fetched another way' },
    folder: { type: 'string', default: FOLDER, describe: 'where the archives are put' },
    'record-url': {
      type: 'string',
      default: CALMS21_RECORD_URL,
      hidden: true,
      describe: "the record's list of files; checksums are those of this list",
    },
  },
  example: ['$0 data fetch calms21 task1', 'fetch and check the archive of task 1 (457 MB)'],
  async run({ parts, yes, unpack, from, folder, 'record-url': recordUrl }, context) {
    const { output } = context;
    const files = wantedFiles(parts, recordUrl);
    const place = from ?? folder;
    const shown = { command: 'data fetch', name: place, unit: 'bytes' } as const;
    let fetched: Awaited<ReturnType<typeof fetchPlanned>>;
    if (from === undefined) {
      const plan = await showProgress(shown, context, (tell) =>
        planFetch(
          { recordUrl, files, folder },
          { ...PATIENCE, attempts: LIST_ATTEMPTS, onCheck: tellCheck(tell) },
        ),
      );
      tellPlan(plan, output);
      if (plan.bytesMissing > 0) {
        await requireSpace(folder, plan.bytesMissing);
        if (!yes && !(await askToFetch(plan.bytesMissing, 'Add --yes to fetch without a question.'))) {
          output.message('Nothing was fetched');
          return;
        }
      }
      fetched = await showProgress(shown, context, (tell) =>
        fetchPlanned(plan, {
          ...PATIENCE,
          ...{ onProgress: tellProgress(plan, tell), onCheck: tellCheck(tell) },
        }),
      );
    } else {
      const { present, missing } = await showProgress(shown, context, (tell) =>
        findFetched(from, files, tellCheck(tell)),
      );
      for (const name of missing) output.message(`${from} has no ${name}`);
      fetched = present;
    }
    const unpackedFolder = unpack ? await unpackAll(fetched, `${folder}-unpacked`, context) : undefined;
    const readable = unpackedFolder ?? place;
    const rows = fetched.map(({ path, status }) => [path, status]);
    output.result(
      { folder: place, files: fetched, ...(unpackedFolder && { unpackedFolder }) },
      formatColumns(rows),
    );
    const changes = readable === FOLDER ? {} : { 'source.files': [readable] };
    output.next(importCommand('calms21-import.yaml', changes));
  },
});

/** The archives of the parts; a record that stands in for the real one has checksums of its own. */
function wantedFiles(parts: readonly string[], recordUrl: string): WantedFile[] {
  const named = (parts.length > 0 ? parts : CALMS21_DEFAULT_PARTS) as readonly Calms21ArchivePart[];
  const wanted = CALMS21_PARTS.filter((part) => named.includes(part)).flatMap(
    (part) => CALMS21_ARCHIVES[part],
  );
  return wanted.map(({ name, md5 }) =>
    md5 === undefined || recordUrl !== CALMS21_RECORD_URL ? { name } : { name, md5 },
  );
}

/** Unpacks into a folder of its own: an import of one that holds both would find every recording twice. */
async function unpackAll(
  archives: readonly { readonly path: string }[],
  folder: string,
  context: CommandContext,
): Promise<string> {
  let missing = 0;
  for (const { path } of archives) missing += await countPackedBytes(path, folder);
  await requireSpace(folder, missing);
  await showProgress(
    { command: 'data fetch --unpack', name: folder, unit: 'bytes' },
    context,
    async (tell) => {
      for (const { path } of archives)
        await unpackZip(path, folder, ({ name, bytes, bytesTotal }) =>
          tell.progress({ subject: name, done: bytes, total: bytesTotal }),
        );
    },
  );
  context.output.message(`Unpacked into ${folder}`);
  return folder;
}

function tellPlan({ folder, files, bytesMissing }: FetchPlan, output: Output): void {
  const rows = files.map(({ name, sizeBytes, isPresent, bytesMissing: rest }) => [
    name,
    formatBytes(sizeBytes),
    isPresent ? 'is there' : rest < sizeBytes ? `${formatBytes(rest)} to fetch` : 'to fetch',
  ]);
  output.message([...CALMS21_TERMS, '', formatColumns(rows), ''].join('\n'));
  output.message(`${formatBytes(bytesMissing)} to fetch into ${folder}`);
}

/** Of a file that is there: how much of it has been read for its checksum. */
function tellCheck({ progress: tell }: ProgressTeller): (progress: FetchProgress) => void {
  return ({ name, bytes, bytesTotal }) =>
    tell({ subject: name, done: bytes, total: bytesTotal, note: 'checksum' });
}

/** Of what was missing when it began: how much has come, how fast, how long the rest will take. */
function tellProgress(
  { files, bytesMissing }: FetchPlan,
  { progress: tell }: ProgressTeller,
): (progress: FetchProgress) => void {
  const toGo = new Map(files.map((file) => [file.name, file.bytesMissing]));
  return ({ name, bytes, bytesTotal }) => {
    toGo.set(name, bytesTotal - bytes);
    const left = [...toGo.values()].reduce((sum, rest) => sum + rest, 0);
    tell({ subject: name, done: Math.max(0, bytesMissing - left), total: bytesMissing });
  };
}

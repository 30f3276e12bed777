import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import type { Dataset } from '../data/store/dataset.js';
import { openDataset } from '../data/store/open-dataset.js';
import { UserError } from '../errors.js';
import { makeFolder, writeWhole } from '../files/write-whole.js';
import { drawLearningCurves } from '../report/learning-curves.js';
import { createPacker, type Packer } from '../report/pack.js';
import { renderReport } from '../report/render-report.js';
import type { HeadsReport, PoseReport, ReportData, SuggestionReport } from '../report/report-data.js';
import { loadHeads } from './head-files.js';
import { gatherFacts } from './report-facts.js';
import { type FinishedRun, openFinishedRun, reportTasks, scoredRecordings } from './report-heads.js';
import { drawMap } from './report-map.js';
import { chooseShown, packRecordings } from './report-poses.js';
import { gatherPretraining } from './report-pretraining.js';
import { gatherSweep } from './report-sweep.js';
import type { RunContext } from './run-context.js';
import { readRunJson } from './run-folder.js';
import type { SuggestSummary } from './suggest.js';

/** What `whisker report` asks for: plain data. */
export interface ReportJob {
  readonly title: string | null;
  readonly version: string;
  readonly out: string;
  readonly finetunings: readonly {
    readonly folder: string;
    readonly settings: DeepReadonly<FinetuneSettings>;
  }[];
  readonly pretrainings: readonly string[];
  readonly sweeps: readonly string[];
  /** A folder that `whisker suggest` has written; null: none. */
  readonly suggestions: string | null;
  /** Most recordings whose poses and labels are in the page. */
  readonly recordings: number;
}

/** What `whisker report` has written. */
export interface ReportSummary {
  readonly path: string;
  readonly sizeBytes: number;
  readonly runs: readonly string[];
  readonly recordings: number;
  readonly notes: readonly string[];
}

/**
 * Writes one page of HTML about runs: nothing is fetched, nothing leaves it. Pictures of single recordings need the data set
 * of the first run, unchanged; what can't be shown is told in the page and in the summary.
 * @returns null when it was stopped
 */
export async function makeReport(job: ReportJob, context: RunContext): Promise<ReportSummary | null> {
  if (statSync(job.out, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UserError('usage', `${job.out} is a folder`, { hint: 'Name the HTML file: --out FILE.html' });
  }
  const phase = (name: string, detail: string) => context.emit({ type: 'phase', name, detail });
  phase('read', 'results and predictions');
  const notes: string[] = [];
  const runs = job.finetunings.flatMap(({ folder, settings }) => {
    const run = openFinishedRun(folder, settings);
    if (run === null) notes.push(`${basename(folder)} has no results yet.`);
    return run ?? [];
  });
  const suggested = job.suggestions === null ? null : readSuggestions(job.suggestions);
  const dataset = findDataset(runs, suggested, notes);
  const packer = createPacker();
  try {
    phase('poses', 'recordings of the player');
    const pictures =
      dataset === null ? null : choosePictures(runs, suggested, dataset, job.recordings, packer);
    if (pictures !== null && pictures.scoredShown < pictures.scored)
      notes.push(
        `Pictures of single recordings show ${pictures.scoredShown} of ${pictures.scored}, evenly chosen; figures and curves count all.`,
      );
    const heads: HeadsReport[] = [];
    for (const run of runs) {
      if (context.signal.aborted) return null;
      heads.push(await reportHeads(run, dataset, pictures?.shown ?? [], packer, context, notes));
    }
    const data: ReportData = {
      title: job.title ?? titleOf(runs, job),
      made: new Date().toISOString(),
      version: job.version,
      notes,
      heads,
      pretrainings: job.pretrainings.map(gatherPretraining),
      learningCurves: drawLearningCurves(runs.flatMap(({ labelled }) => labelled)),
      poses: pictures?.poses ?? null,
      suggestions: suggested === null ? null : reportSuggestions(suggested, dataset, pictures?.poses ?? null),
      sweeps: job.sweeps.map(gatherSweep),
    };
    phase('write', job.out);
    const html = Buffer.from(renderReport(data, packer.finish()));
    makeFolder(dirname(job.out));
    writeWhole(job.out, [html]);
    return {
      path: job.out,
      sizeBytes: html.length,
      runs: [...runs, ...data.pretrainings, ...data.sweeps].map(({ name }) => name),
      recordings: pictures?.shown.length ?? 0,
      notes,
    };
  } finally {
    dataset?.close();
  }
}

async function reportHeads(
  run: FinishedRun,
  dataset: Dataset | null,
  shown: readonly number[],
  packer: Packer,
  context: RunContext,
  notes: string[],
): Promise<HeadsReport> {
  const own = dataset?.hash === run.cells[0]?.kept?.dataset ? dataset : null;
  if (dataset !== null && own === null)
    notes.push(
      `${run.name}: made on other data, or before predictions were kept; no pictures of single recordings.`,
    );
  context.emit({ type: 'phase', name: 'map', detail: run.name });
  const { folder, name, table } = run;
  return {
    name,
    table,
    tasks: reportTasks(run, own, own === null ? [] : shown, packer),
    map: own === null || shown.length === 0 ? null : await mapOf(run, own, shown, packer, notes),
    facts: gatherFacts(folder, hashesOf(run)),
  };
}

/** The map of the first row whose features are at hand, of the recordings that its task was scored on. */
async function mapOf(
  { folder, settings, cells, name }: FinishedRun,
  dataset: Dataset,
  shown: readonly number[],
  packer: Packer,
  notes: string[],
) {
  const first = cells.find((cell) => cell.hasHeads);
  const rows = cells
    .filter((cell) => cell.hasHeads && cell.task.name === first?.task.name)
    .map(({ result }) => result);
  const scored = new Set(first?.kept?.recordings.map(({ poseHash }) => poseHash));
  const isScored = (recording: number) => scored.has(dataset.recordings[recording].poseHash);
  const isMapped = shown.some(isScored) ? isScored : () => true;
  for (const { task, features, seed } of rows) {
    const heads = loadHeads(folder, task, features, seed);
    const about = { runFolder: folder, settings, dataset, recordings: shown, isMapped };
    const map = await drawMap({ ...about, heads, packer });
    if (map !== null) return map;
  }
  notes.push(`${name}: features were not kept; no map of them.`);
  return null;
}

function hashesOf({ folder, cells, results }: FinishedRun): [string, string][] {
  const encoders = new Set<string>();
  const datasets = new Set<string>();
  for (const { result } of cells.filter((cell) => cell.hasHeads)) {
    const heads = loadHeads(folder, result.task, result.features, result.seed);
    for (const hash of heads.encoders) encoders.add(hash);
    datasets.add(heads.dataset.hash);
  }
  return [
    ...[...datasets].map((hash): [string, string] => ['data set', hash]),
    ...[...encoders].map((hash, index): [string, string] => [`encoder ${index}`, hash]),
    ['figures', `${results.length} in results.json`],
  ];
}

/** The data set that pictures are drawn from: the first run's, else that of the suggestions; null where it is gone. */
function findDataset(
  runs: readonly FinishedRun[],
  suggested: SuggestSummary | null,
  notes: string[],
): Dataset | null {
  const [run] = runs;
  const folder = run?.settings.data.folder ?? suggested?.dataset.folder;
  if (folder === undefined) return null;
  if (!existsSync(join(folder, 'dataset.json'))) {
    notes.push(`The data set ${basename(folder)} is not at hand; no pictures of single recordings.`);
    return null;
  }
  return openDataset(folder);
}

interface Pictures {
  readonly poses: PoseReport;
  /** Numbers of the data set, in the order of `poses.recordings`. */
  readonly shown: readonly number[];
  /** Scored recordings, and how many of them are shown. */
  readonly scored: number;
  readonly scoredShown: number;
}

function choosePictures(
  runs: readonly FinishedRun[],
  suggested: SuggestSummary | null,
  dataset: Dataset,
  most: number,
  packer: Packer,
): Pictures | null {
  const lists = runs.flatMap((run) => scoredRecordings(run, dataset));
  const numbers = new Map(dataset.recordings.map(({ id }, number) => [id, number]));
  const ofSuggestions =
    suggested?.dataset.hash === dataset.hash
      ? [...new Set(suggested.list.flatMap(({ id }) => numbers.get(id) ?? []))]
      : [];
  const chosen = chooseShown(lists, most);
  const shown = [...new Set([...chosen, ...ofSuggestions])].sort((a, b) => a - b);
  if (shown.length === 0) return null;
  const scored = new Set(lists.flat()).size;
  return { shown, poses: packRecordings(dataset, shown, packer), scored, scoredShown: chosen.length };
}

function readSuggestions(folder: string): SuggestSummary {
  const summary = readRunJson(folder, 'suggestions.json') as SuggestSummary | undefined;
  if (summary !== undefined) return summary;
  throw new UserError('data', `${folder} holds no suggestions.json`, {
    hint: 'Name a folder that `whisker suggest` has written',
  });
}

/** Recordings of another data set may have the same ids: only those of the page's own are played. */
function reportSuggestions(
  { task, features, list, dataset: { hash } }: SuggestSummary,
  dataset: Dataset | null,
  poses: PoseReport | null,
): SuggestionReport {
  const shown = hash === dataset?.hash ? poses?.recordings : [];
  const numbers = new Map(shown?.map(({ id }, index) => [id, index]));
  return {
    task,
    features,
    list: list.map(({ id, start, stop, framesPerSecond, uncertainty, predicted }) => {
      const recording = numbers.get(id) ?? null;
      return { recording, id, start, stop, framesPerSecond, uncertainty, predicted };
    }),
  };
}

function titleOf(runs: readonly FinishedRun[], { pretrainings, sweeps }: ReportJob): string {
  const names = [
    ...sweeps.map((folder) => basename(folder)),
    ...runs.map(({ name }) => name),
    ...(runs.length + sweeps.length > 0 ? [] : pretrainings.map((folder) => basename(folder))),
  ];
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

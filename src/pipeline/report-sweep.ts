import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PretrainingReport, SweepReport } from '../report/report-data.js';
import { tabulateSweep } from '../report/sweep-table.js';
import { gatherCurves } from './report-pretraining.js';
import { listRuns, readSweepTable } from './sweep-results.js';

/** A sweep: its tables so far, and the curves of every pretraining that has begun. */
export function gatherSweep(folder: string): SweepReport {
  const table = readSweepTable(folder);
  return { name: table.name, ...tabulateSweep(table), pretrainings: gatherPretrainings(folder) };
}

function gatherPretrainings(folder: string): PretrainingReport[] {
  const variants = new Map<string, Set<string>>();
  const seeds = new Map<string, number>();
  for (const job of listRuns(folder)) {
    for (const run of job.pretrain) {
      variants.set(run, new Set([...(variants.get(run) ?? []), ...job.variants]));
      seeds.set(run, job.seed);
    }
  }
  return [...variants].flatMap(([run, names], index) => {
    if (!existsSync(join(run, 'events.jsonl'))) return [];
    const group = [...names].join(' = ');
    return [
      { name: `${group}, seed ${seeds.get(run)}, run ${index}`, group, ...gatherCurves(run), facts: [] },
    ];
  });
}

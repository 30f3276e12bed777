import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Estimate } from '../pipeline/estimate.js';
import type { PretrainSummary } from '../pipeline/pretrain.js';
import { formatBytes } from '../ui/format.js';
import { callWhisker, finished, resultOf } from './call-whisker.js';
import { defineCommand } from './command.js';
import { requireCount } from './option-values.js';
import { formatColumns } from './output.js';

const CONFIGS = fileURLToPath(new URL('../../configs/', import.meta.url));

/** Sizes around the quickstart's own. */
const SIZES: Readonly<Record<string, readonly string[]>> = {
  quickstart: [],
  'twice the width': ['encoder.width=128', 'encoder.feedForward=256'],
  'twice the batch': ['training.batchWindows=128'],
};

interface Compared {
  readonly size: string;
  readonly what: 'seconds' | 'memory' | 'disk';
  readonly estimate: number;
  readonly outcome: number;
  /** Estimate / outcome. */
  readonly ratio: number;
}

export default defineCommand({
  positionals: {},
  options: {
    steps: { type: 'number', default: 600, describe: 'of each run' },
  },
  example: ['$0 bench estimate', 'what --dry-run says against what then happens'],
  async run({ steps }, { output, environment }) {
    requireCount('steps', steps);
    const folder = mkdtempSync(join(tmpdir(), 'whisker-bench-'));
    const call = (...args: readonly string[]) => callWhisker(args, folder, environment, 'pipe');
    try {
      await finished(callWhisker(['data', 'simulate', '--out', 'json', '--quiet'], folder, environment));
      const importing = ['data', 'import', join(CONFIGS, 'quickstart-import.yaml')];
      const places = ['source.files=[json]', 'out=store', '--quiet'];
      await finished(callWhisker([...importing, ...places], folder, environment));
      const rows: Compared[] = [];
      for (const [size, changes] of Object.entries(SIZES)) {
        const name = `run${rows.length}`;
        const settings = [
          `name=${name}`,
          'data.folder=store',
          `training.duration.steps=${steps}`,
          ...changes,
        ];
        const args = ['pretrain', join(CONFIGS, 'quickstart.yaml'), ...settings, '--json', '--quiet'];
        output.message(`${size}: estimating, then ${steps} steps`);
        const estimate = await resultOf<Estimate>(call(...args, '--dry-run'));
        const started = performance.now();
        const outcome = await resultOf<PretrainSummary>(call(...args));
        const seconds = (performance.now() - started) / 1000;
        const disk = folderBytes(join(folder, outcome.folder, 'steps'));
        rows.push(
          compare(size, 'seconds', estimate.seconds, seconds),
          compare(size, 'memory', estimate.peakBytes, outcome.peakBytes),
          compare(size, 'disk', estimate.diskBytes, disk),
        );
      }
      output.result(rows, () =>
        formatColumns([
          ['size', 'what', 'estimate', 'outcome', 'estimate / outcome'],
          ...rows.map(({ size, what, estimate, outcome, ratio }) => [
            ...[size, what, shown(what, estimate), shown(what, outcome)],
            ratio.toFixed(2),
          ]),
        ]),
      );
      output.next('whisker bench start');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

function compare(size: string, what: Compared['what'], estimate: number, outcome: number): Compared {
  return { size, what, estimate, outcome, ratio: estimate / outcome };
}

function shown(what: Compared['what'], value: number): string {
  return what === 'seconds' ? `${value.toFixed(1)} s` : formatBytes(Math.round(value));
}

function folderBytes(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

import { readCalms21 } from '../data/formats/calms21.js';
import { inferCalms21File } from '../data/formats/calms21-layout.js';
import { readChunks } from '../data/formats/read-chunks.js';
import { UserError } from '../errors.js';
import { type BenchResult, medianOf } from './measure.js';

/**
 * Times the reading of one CalMS21 JSON file, poses as float32: the work of `scripts/peers/json_load.py`. The first
 * run counts too, since an import is made once.
 */
export async function benchData(file: string, runs: number): Promise<BenchResult> {
  const contents = inferCalms21File(file);
  if (contents === undefined) {
    throw new UserError('data', `${file} is not named like a file of CalMS21`, {
      hint: 'whisker data simulate makes such files',
    });
  }
  const milliseconds: number[] = [];
  let frames = 0;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    frames = 0;
    for await (const recording of readCalms21(readChunks(file), file, contents)) frames += recording.frames;
    milliseconds.push(performance.now() - started);
  }
  const median = medianOf(milliseconds);
  return {
    program: `whisker, Node.js ${process.versions.node}`,
    medianMilliseconds: median,
    minimumMilliseconds: Math.min(...milliseconds),
    framesPerSecond: (1000 * frames) / median,
    peakBytes: 1024 * process.resourceUsage().maxRSS,
  };
}

import { type BenchJob, runBench } from '../../bench/run-bench.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: BenchJob) => runBench(job));

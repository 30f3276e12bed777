import { type EvaluateJob, evaluateDataset } from '../../pipeline/evaluate.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: EvaluateJob, context) => evaluateDataset(job, context));

import { type EstimateJob, estimatePretraining } from '../../pipeline/estimate.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: EstimateJob, context) => estimatePretraining(job, context));

import { type EstimateJob, estimatePretrainings } from '../../pipeline/estimate.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: EstimateJob, context) => estimatePretrainings(job, context));

import { type PredictJob, predictDataset } from '../../pipeline/predict.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: PredictJob, context) => predictDataset(job, context));

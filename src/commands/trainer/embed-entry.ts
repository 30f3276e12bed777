import { type EmbedJob, embedDataset } from '../../pipeline/embed.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: EmbedJob, context) => embedDataset(job, context));

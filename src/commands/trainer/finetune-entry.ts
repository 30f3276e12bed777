import { type FinetuneJob, runFinetuning } from '../../pipeline/finetune.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: FinetuneJob, context) => runFinetuning(job, context));

import { type PretrainJob, runPretraining } from '../../pipeline/pretrain.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: PretrainJob, context) => runPretraining(job, context));

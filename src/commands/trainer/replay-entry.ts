import { type ReplayJob, replayStep } from '../../pipeline/replay.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: ReplayJob, context) => replayStep(job, context));

import { type SuggestJob, suggestStretches } from '../../pipeline/suggest.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: SuggestJob, context) => suggestStretches(job, context));

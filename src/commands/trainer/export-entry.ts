import { type ExportJob, exportEncoder } from '../../pipeline/export.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: ExportJob) => exportEncoder(job));

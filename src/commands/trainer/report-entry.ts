import { makeReport, type ReportJob } from '../../pipeline/report.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((job: ReportJob, context) => makeReport(job, context));

import { readPlan } from '../pipeline/sweep-folder.js';
import { jobEvent, readStatus } from '../pipeline/sweep-report.js';
import { countStates } from '../sweep/job-states.js';
import { readJournal } from '../sweep/journal.js';
import { formatDuration, formatNumber, formatShare } from '../ui/format.js';
import { defineCommand } from './command.js';
import { formatColumns } from './output.js';
import { quoteForShell } from './shell-words.js';
import { SWEEP_POSITIONAL } from './sweep-runner.js';

export default defineCommand({
  positionals: { sweep: SWEEP_POSITIONAL },
  options: {},
  example: ['$0 sweep status checkpoints/objectives', 'what each job is doing, on whichever machine'],
  async run({ sweep: folder }, { output }) {
    const plan = readPlan(folder);
    const statuses = readStatus(folder, plan);
    const journal = readJournal(folder);
    const jobs = statuses.map((status) => {
      const { type: _, ...job } = jobEvent(status, undefined, journal);
      const { worker, slurm, time } = status.entry ?? {};
      return {
        ...job,
        error: status.error,
        task: status.task.id,
        host: worker?.host ?? null,
        pid: worker?.pid ?? null,
        slurm: slurm ?? null,
        lastSign: time ?? null,
      };
    });
    const counts = countStates(jobs.map(({ state }) => state));
    output.result({ name: plan.name, folder, counts, jobs }, () => {
      const rows = jobs.map((job) => [
        job.state,
        job.stage ?? '',
        job.progress === null || job.state !== 'running' ? '' : formatShare(job.progress),
        job.metric === null ? '' : `${job.metric.name} ${formatNumber(job.metric.value)}`,
        job.etaSeconds === null ? '' : formatDuration(job.etaSeconds),
        job.state === 'running' || job.state === 'interrupted' ? `${job.host} ${job.pid}` : (job.slurm ?? ''),
        job.id,
        `${job.variant}, seed ${job.seed}`,
      ]);
      const header = ['state', 'at', 'done', 'figure', 'left', 'where', 'job', 'variant'];
      const failures = jobs.flatMap(({ id, error }) => (error === null ? [] : ['', `${id}: ${error}`]));
      const told = Object.entries(counts).filter(([, count]) => count > 0);
      return [
        formatColumns([header, ...rows]),
        ...failures,
        '',
        told.map(([state, count]) => `${count} ${state}`).join(', '),
      ].join('\n');
    });
    const place = quoteForShell(folder);
    output.next(
      ...(counts.failed > 0 ? [`whisker sweep retry ${place} --failed`] : []),
      ...(counts.interrupted + counts.pending > 0 ? [`whisker sweep resume ${place}`] : []),
      `whisker sweep table ${place}`,
    );
  },
});

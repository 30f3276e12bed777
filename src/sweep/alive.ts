import { hostname } from 'node:os';
import { isProcessAlive, processBirth } from '../processes.js';
import type { JournalEntry, Worker } from './journal.js';

/** Another machine's process that has said nothing for so long is gone. Signs of life come every `BEAT_SECONDS`. */
const SILENT_SECONDS = 150;
/** How often a job at work says that it is alive. */
export const BEAT_SECONDS = 15;

/** A process of this machine, as the journal names it. */
export function describeWorker(pid: number): Worker {
  return { host: hostname(), pid, birth: processBirth(pid) };
}

/** Whether the process that entered `running` still works on the task. @param nowMilliseconds of the wall clock */
export function isAtWork({ worker, time }: JournalEntry, nowMilliseconds: number): boolean {
  if (worker.host !== hostname()) return nowMilliseconds - Date.parse(time) < 1000 * SILENT_SECONDS;
  return isProcessAlive(worker.pid, worker.birth);
}

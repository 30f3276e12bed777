import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { JournalEntry, Worker } from './journal.js';

/** Another machine's process that has said nothing for so long is gone. Signs of life come every `BEAT_SECONDS`. */
const SILENT_SECONDS = 150;
export const BEAT_SECONDS = 15;

/**
 * What tells a process from a later one of the same number, also after the machine was started again: when the kernel
 * says that it was born. Empty where that can't be known.
 */
export function processBirth(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // Field 22; the name in the second one may hold spaces and brackets.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return `${boot} ${fields[19]}`;
  } catch {
    return '';
  }
}

/** A process of this machine, as the journal names it. */
export function describeWorker(pid: number): Worker {
  return { host: hostname(), pid, birth: processBirth(pid) };
}

/** Whether the process that entered `running` still works on the task. @param nowMilliseconds of the wall clock */
export function isAtWork({ worker, time }: JournalEntry, nowMilliseconds: number): boolean {
  if (worker.host !== hostname()) return nowMilliseconds - Date.parse(time) < 1000 * SILENT_SECONDS;
  if (!isThere(worker.pid)) return false;
  return worker.birth === '' || worker.birth === processBirth(worker.pid);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

import { readFileSync } from 'node:fs';

/**
 * What tells a process of this machine from a later one of the same number, also after the machine was started again:
 * the boot, and how many ticks later it was born. Null where the system doesn't say (it is Linux that does).
 */
export function processBirth(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const start = statOf(pid)?.[19];
    return start === undefined ? null : `${boot}/${start}`;
  } catch {
    return null;
  }
}

/**
 * Whether a process of this machine still lives.
 * @param birth what `processBirth` said of it; null: its number alone counts
 */
export function isProcessAlive(pid: number, birth: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const fields = statOf(pid);
  if (fields === null) return true;
  // Dead, though nobody has taken note of its end: in a container there may be nobody who does.
  if (fields[0] === 'Z' || fields[0] === 'X') return false;
  return birth === null || birth === processBirth(pid);
}

/** Fields of a process from the third on, its state; the start is the 22nd of all. Null where the system has no such file. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, with whatever it may hold.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

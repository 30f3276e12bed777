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

/**
 * Memory that new processes can have without swapping, of the machine and of its container; null where the system doesn't
 * say. Pages of files count as free: the kernel gives them away when memory is wanted.
 * @param read gives the text of a file of the kernel; undefined where there is none
 * @param limit of the container, in bytes; 0 or beyond counting where there is none
 */
export function availableMemory(read = readText, limit = process.constrainedMemory()): number | null {
  const machine = /^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo') ?? '');
  const used = Number(read('/sys/fs/cgroup/memory.current') ?? Number.NaN);
  const files = /^inactive_file (\d+)$/m.exec(read('/sys/fs/cgroup/memory.stat') ?? '');
  const isLimited = limit > 0 && limit <= Number.MAX_SAFE_INTEGER && Number.isFinite(used);
  const known = [
    ...(machine === null ? [] : [1024 * Number(machine[1])]),
    ...(isLimited ? [Math.max(0, limit - used + Number(files?.[1] ?? 0))] : []),
  ];
  return known.length === 0 ? null : Math.min(...known);
}

/** Memory that a process takes now and has taken at most; null where that can't be known. */
export function processMemory(
  pid: number,
): { readonly usedBytes: number; readonly peakBytes: number } | null {
  const status = readText(`/proc/${pid}/status`) ?? '';
  const used = /^VmRSS:\s+(\d+) kB/m.exec(status);
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(status);
  return used === null || peak === null
    ? null
    : { usedBytes: 1024 * Number(used[1]), peakBytes: 1024 * Number(peak[1]) };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

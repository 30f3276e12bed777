import { readFileSync } from 'node:fs';

/** A run takes about so much where nothing better is known. */
const FIRST_GUESS_BYTES = 1.2e9;

/** A run that has begun: what it is expected to take, and what it takes now. */
export interface Claim {
  readonly expectedBytes: number;
  readonly usedBytes: number;
}

/**
 * Whether one more run fits beside those that have begun: what they will still take is set aside.
 * @param availableBytes null where the machine doesn't tell: then nothing is held back
 */
export function hasRoom(
  availableBytes: number | null,
  claims: readonly Claim[],
  expectedBytes: number,
): boolean {
  if (availableBytes === null) return true;
  const promised = claims.reduce((sum, claim) => sum + Math.max(0, claim.expectedBytes - claim.usedBytes), 0);
  return availableBytes - promised >= expectedBytes;
}

/** What a run is expected to take: as said, else the most that one of its stage has taken, else a guess. */
export function expectBytes(saidGigabytes: number | null, peaks: readonly number[]): number {
  if (saidGigabytes !== null) return 1e9 * saidGigabytes;
  return peaks.length === 0 ? FIRST_GUESS_BYTES : Math.max(...peaks);
}

/** Memory that new processes can have, of the machine and of the container; null where that can't be known. */
export function readAvailableBytes(): number | null {
  const machine = /^MemAvailable:\s+(\d+) kB/m.exec(readText('/proc/meminfo'));
  const limit = Number.parseInt(readText('/sys/fs/cgroup/memory.max'), 10);
  const used = Number.parseInt(readText('/sys/fs/cgroup/memory.current'), 10);
  const known = [
    ...(machine === null ? [] : [1024 * Number(machine[1])]),
    ...(Number.isNaN(limit - used) ? [] : [limit - used]),
  ];
  return known.length === 0 ? null : Math.min(...known);
}

/** Memory that a process takes now and has taken at most; null where that can't be known. */
export function readProcessMemory(
  pid: number,
): { readonly usedBytes: number; readonly peakBytes: number } | null {
  const status = readText(`/proc/${pid}/status`);
  const used = /^VmRSS:\s+(\d+) kB/m.exec(status);
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(status);
  return used === null || peak === null
    ? null
    : { usedBytes: 1024 * Number(used[1]), peakBytes: 1024 * Number(peak[1]) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

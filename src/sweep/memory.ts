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

/** Numbers for people. Everything that isn't finite stays visible as such. */

/** Four digits: `0.123`, `12.34`, `1234`; very small and very large ones as `1.2e-4`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1);
  if (Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 4 - Math.max(1, Math.floor(Math.log10(size)) + 1));
  return value.toFixed(digits);
}

/** `0.1 to 0.5`, `above 0.1`, `below 0.5` */
export function formatRange([lowest, highest]: readonly [number, number]): string {
  const [low, high] = [lowest, highest].map((limit) => String(Number(limit.toPrecision(3))));
  if (highest === Number.POSITIVE_INFINITY) return `above ${low}`;
  if (lowest === Number.NEGATIVE_INFINITY) return `below ${high}`;
  return `${low} to ${high}`;
}

/** `45 s`, `3 min 20 s`, `2 h 05 min`, `3 d 04 h` */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?';
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

/** `1.2 GB`, in powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `1,234,567` */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12 %` */
export function formatShare(share: number): string {
  return `${Math.floor(100 * share)} %`;
}

/** A rate in at most five characters, so that a column of them stands still: `8.3`, `512`, `32.8k`, `1.2M`. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–';
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)}M`;
  if (perSecond >= 1e4) return `${(perSecond / 1e3).toFixed(1)}k`;
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

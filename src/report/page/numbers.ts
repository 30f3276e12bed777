/** Three digits without the leading zero, as papers print them. */
export function ratio(value: number): string {
  return Number.isFinite(value)
    ? value
        .toFixed(3)
        .replace(/^(-?)0\./, '$1.')
        .replace('-', '−')
    : '–';
}

export function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${ratio(value)}`;
}

/** 12345 as 12,345. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Seconds as players show them: 1:02.5 */
export function clock(seconds: number): string {
  const tenths = Math.max(0, Math.round(seconds * 10));
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}

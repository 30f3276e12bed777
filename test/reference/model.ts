/** Slow, clear float64 twins of the layers in `src/model/nn`. */
import type { Values } from './gradient.js';

/** Rows of numbers. */
export type Rows = readonly (readonly number[])[];

export function toRows(flat: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: flat.length / width }, (_, row) =>
    Array.from({ length: width }, (_, column) => flat[row * width + column]),
  );
}

export function denseTwin(values: Values, path: string, rows: Rows): number[][] {
  const bias = values[`${path}/bias`];
  const kernel = toRows(values[`${path}/kernel`], bias.length);
  return rows.map((row) =>
    Array.from(bias, (offset, output) =>
      row.reduce((sum, x, input) => sum + x * kernel[input][output], offset),
    ),
  );
}

export function layerNormTwin(values: Values, path: string, rows: Rows): number[][] {
  return rows.map((row) => {
    const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
    const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
    return row.map(
      (x, channel) =>
        ((x - mean) / Math.sqrt(variance + 1e-5)) * values[`${path}/gain`][channel] +
        values[`${path}/bias`][channel],
    );
  });
}

export function geluTwin(x: number): number {
  return (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2;
}

export function softmaxTwin(row: readonly number[]): number[] {
  const highest = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - highest));
  const total = powers.reduce((sum, x) => sum + x, 0);
  return powers.map((x) => x / total);
}

/** Query, key and value of channel c in the columns c, width + c and 2 width + c of `qkv`. */
export function attentionTwin(
  values: Values,
  path: string,
  rows: Rows,
  tokens: number,
  heads: number,
): number[][] {
  const width = rows[0].length;
  const depth = width / heads;
  const mixed = denseTwin(values, `${path}/qkv`, rows);
  const joined = rows.map((_, row) => {
    const first = row - (row % tokens);
    const out: number[] = [];
    for (let head = 0; head < heads; head++) {
      const part = (other: number, which: number) =>
        mixed[other].slice(which * width + head * depth, which * width + (head + 1) * depth);
      const query = part(row, 0);
      const window = Array.from({ length: tokens }, (_, token) => first + token);
      const scores = window.map((other) => dot(query, part(other, 1)) / Math.sqrt(depth));
      const shares = softmaxTwin(scores);
      for (let channel = 0; channel < depth; channel++) {
        out.push(window.reduce((sum, other, token) => sum + shares[token] * part(other, 2)[channel], 0));
      }
    }
    return out;
  });
  return denseTwin(values, `${path}/output`, joined);
}

export function blockTwin(
  values: Values,
  path: string,
  rows: Rows,
  tokens: number,
  heads: number,
): number[][] {
  const attended = attentionTwin(
    values,
    `${path}/attention`,
    layerNormTwin(values, `${path}/attention-norm`, rows),
    tokens,
    heads,
  );
  const middle = addRows(rows, attended);
  const normed = layerNormTwin(values, `${path}/feed-forward-norm`, middle);
  const hidden = denseTwin(values, `${path}/feed-forward/in`, normed).map((row) => row.map(geluTwin));
  return addRows(middle, denseTwin(values, `${path}/feed-forward/out`, hidden));
}

export function addRows(a: Rows, b: Rows): number[][] {
  return a.map((row, number) => row.map((x, channel) => x + b[number][channel]));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, index) => sum + x * b[index], 0);
}

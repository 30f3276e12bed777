#!/usr/bin/env node
// Stands in for Python with scikit-learn: speaks the same requests, and believes in the nearest class mean.
import { once } from 'node:events';

if (process.env.WHISKER_TEST_TREES === 'absent') {
  process.stderr.write("ModuleNotFoundError: No module named 'sklearn'\n");
  process.exit(1);
}
let held = Buffer.alloc(0);
let isEnded = false;
process.stdin.on('end', () => {
  isEnded = true;
});
async function read(count) {
  while (held.length < count) {
    if (isEnded) process.exit(0);
    const chunk = process.stdin.read();
    if (chunk === null) await Promise.race([once(process.stdin, 'readable'), once(process.stdin, 'end')]);
    else held = Buffer.concat([held, chunk]);
  }
  const taken = held.subarray(0, count);
  held = held.subarray(count);
  return new Uint8Array(taken).buffer;
}
async function readLine() {
  let line = '';
  for (;;) {
    const byte = String.fromCharCode(new Uint8Array(await read(1))[0]);
    if (byte === '\n') return line;
    line += byte;
  }
}
function answer(...arrays) {
  process.stdout.write('{"ok": true}\n');
  for (const array of arrays) process.stdout.write(Buffer.from(array.buffer));
}

let width;
let classes;
let inputs;
let labels;
let means;
let sharpness = 1;
function predict(rows, count) {
  const output = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) {
    const scores = means.map((mean) =>
      mean === null
        ? 0
        : Math.exp(
            -sharpness * mean.reduce((sum, value, c) => sum + (value - rows[row * width + c]) ** 2, 0),
          ),
    );
    const total = scores.reduce((sum, score) => sum + score, 1e-9);
    output.set(
      scores.map((score) => score / total),
      row * classes,
    );
  }
  return output;
}
function takeRows(wanted) {
  const rows = new Float32Array(wanted.length * width);
  wanted.forEach((row, index) => {
    rows.set(inputs.subarray(row * width, (row + 1) * width), index * width);
  });
  return rows;
}

process.stdout.write('{"version": "0.test"}\n');
for (;;) {
  const request = JSON.parse(await readLine());
  if (process.env.WHISKER_TEST_TREES === 'dying') {
    process.stdin.destroy();
    process.stderr.write('no memory is left\n');
    setTimeout(() => process.exit(1), 200);
    await new Promise(() => {});
  } else if (request.op === 'train') {
    ({ width, classes } = request);
    inputs = new Float32Array(await read(4 * request.frames * width));
    labels = new Int16Array(await read(2 * request.frames));
    answer();
  } else if (request.op === 'fit') {
    const rows = new Uint32Array(await read(4 * request.rows));
    means = Array.from({ length: classes }, (_, target) => {
      const own = rows.filter((row) => labels[row] === target);
      if (own.length === 0) return null;
      return Array.from(
        { length: width },
        (_, c) => own.reduce((sum, row) => sum + inputs[row * width + c], 0) / own.length,
      );
    });
    answer();
  } else if (request.op === 'staged') {
    const rows = takeRows(new Uint32Array(await read(4 * request.rows)));
    // One iteration knows nothing yet.
    answer(
      ...request.at.map((iterations) => {
        sharpness = iterations === 1 ? 0 : 1;
        return predict(rows, rows.length / width);
      }),
    );
    sharpness = 1;
  } else {
    answer(predict(new Float32Array(await read(4 * request.frames * width)), request.frames));
  }
}

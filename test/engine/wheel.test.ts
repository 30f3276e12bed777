import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HEADERS, type LibraryPin } from '../../src/engine/pins.js';
import { checkWheel, unpackWheel } from '../../src/engine/wheel.js';
import { zip } from './zip.js';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const LIBRARIES = { 'libtensorflow_cc.so.2': 'library one', 'libtensorflow_framework.so.2': 'library two' };

const whole = {
  'tensorflow/python/client.py': 'not wanted',
  ...Object.fromEntries(Object.entries(LIBRARIES).map(([name, text]) => [`tensorflow/${name}`, text])),
  ...Object.fromEntries(HEADERS.map((name) => [`tensorflow/include/${name}`, `// ${name}`])),
  'tensorflow/include/tensorflow/c/ops.h': 'not wanted either',
};
const pin = {
  wheelFile: 'tensorflow_cpu.whl',
  wheelSha256: sha256(zip(whole)),
  librarySha256: Object.fromEntries(Object.entries(LIBRARIES).map(([name, text]) => [name, sha256(text)])),
} as unknown as LibraryPin;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wheel-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const wheelOf = (name: string, members: Readonly<Record<string, string>>): string => {
  writeFileSync(join(folder, name), zip(members));
  return join(folder, name);
};

it('unpacks the libraries and the headers and nothing else', async () => {
  const wheel = wheelOf('whole.whl', whole);
  await checkWheel(wheel, pin);
  const target = join(folder, 'whole');
  let bytes = 0;
  await unpackWheel(wheel, pin, target, (done) => {
    bytes = done;
  });
  const files = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(target, name)).isFile(),
  );
  const expected = [
    ...HEADERS.map((name) => `include/${name}`),
    ...Object.keys(LIBRARIES).map((name) => `lib/${name}`),
  ];
  expect(files.sort()).toEqual(expected.sort());
  expect(readFileSync(join(target, 'lib/libtensorflow_cc.so.2'), 'utf8')).toBe('library one');
  expect(bytes).toBe(files.reduce((sum, name) => sum + statSync(join(target, name)).size, 0));
});

it('refuses another wheel, naming both hashes', async () => {
  const wheel = wheelOf('other.whl', { ...whole, extra: '' });
  await expect(checkWheel(wheel, pin)).rejects.toThrow(`must be ${pin.wheelSha256}, got`);
  await expect(checkWheel(join(folder, 'none.whl'), pin)).rejects.toThrow("can't be read");
});

it('refuses a library that is not the pinned one', async () => {
  const wheel = wheelOf('changed.whl', { ...whole, 'tensorflow/libtensorflow_cc.so.2': 'library 1' });
  await expect(unpackWheel(wheel, pin, join(folder, 'changed'), () => {})).rejects.toThrow(
    `its sha256 must be ${sha256('library one')}, got ${sha256('library 1')}`,
  );
});

it('refuses a wheel without a header', async () => {
  const missing = `tensorflow/include/${HEADERS[0]}`;
  const rest = Object.fromEntries(Object.entries(whole).filter(([path]) => path !== missing));
  const wheel = wheelOf('short.whl', rest);
  await expect(unpackWheel(wheel, pin, join(folder, 'short'), () => {})).rejects.toThrow(
    `does not contain tensorflow/include/${HEADERS[0]}`,
  );
});

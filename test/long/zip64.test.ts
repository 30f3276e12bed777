import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openZip, readZipEntry } from '../../src/data/formats/zip-entries.js';

const GIGABYTE = 1 << 30;
const HUGE_BYTES = 4 * GIGABYTE + 12_345;
const SMALL = Buffer.from('{"behind": "4 GiB"}');

/** Little-endian numbers: [value, bytes]. */
function fields(...parts: readonly (readonly [number, number])[]): Buffer {
  return Buffer.concat(
    parts.map(([value, width]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, width);
    }),
  );
}

/** Zip64 as Info-ZIP writes it: what 32 bits can't hold stands in the extra field 1. */
function entry(name: string, sizeBytes: number, checksum: number, offset: number) {
  const isHuge = sizeBytes > 0xffffffff;
  const short = (value: number) => Math.min(value, 0xffffffff);
  const about: [number, number][] = [
    [45, 2],
    [0, 2],
    [0, 2],
    [0, 2],
    [0x21, 2],
    [checksum, 4],
  ];
  const sizes: [number, number][] = [
    [short(sizeBytes), 4],
    [short(sizeBytes), 4],
    [name.length, 2],
  ];
  const long: [number, number][] = isHuge
    ? [
        [sizeBytes, 8],
        [sizeBytes, 8],
      ]
    : [];
  const extra = (more: [number, number][]) =>
    more.length === 0 ? Buffer.alloc(0) : fields([1, 2], [8 * more.length, 2], ...more);
  const localExtra = extra(long);
  const centralExtra = extra([...long, ...(offset > 0xffffffff ? [[offset, 8] as [number, number]] : [])]);
  return {
    local: Buffer.concat([
      fields([0x04034b50, 4], ...about, ...sizes, [localExtra.length, 2]),
      Buffer.from(name),
      localExtra,
    ]),
    central: Buffer.concat([
      fields([0x02014b50, 4], [45, 2], ...about, ...sizes, [centralExtra.length, 2]),
      fields([0, 2], [0, 2], [0, 2], [0, 4], [short(offset), 4]),
      Buffer.from(name),
      centralExtra,
    ]),
  };
}

/** Two stored files, the first of zeros (a hole that takes no disk), the second behind 4 GiB. */
function writeArchive(path: string, checksum: number): void {
  const file = openSync(path, 'w');
  const first = entry('huge.bin', HUGE_BYTES, checksum, 0);
  const secondAt = first.local.length + HUGE_BYTES;
  const second = entry('small.json', SMALL.length, crc32(SMALL), secondAt);
  const directory = Buffer.concat([first.central, second.central]);
  const directoryAt = secondAt + second.local.length + SMALL.length;
  const endAt = directoryAt + directory.length;
  const end64 = fields([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [2, 8], [2, 8]);
  const place64 = fields([directory.length, 8], [directoryAt, 8]);
  const locator = fields([0x07064b50, 4], [0, 4], [endAt, 8], [1, 4]);
  const end = fields(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [2, 2],
    [2, 2],
    [directory.length, 4],
    [0xffffffff, 4],
    [0, 2],
  );
  writeSync(file, first.local, 0, first.local.length, 0);
  ftruncateSync(file, secondAt);
  const rest = Buffer.concat([second.local, SMALL, directory, end64, place64, locator, end]);
  writeSync(file, rest, 0, rest.length, secondAt);
  closeSync(file);
}

describe.skipIf(process.env.WHISKER_LONG_TESTS !== '1')('archives above 4 GiB', () => {
  test('are listed and read as they stream by, what lies behind 4 GiB too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zip64-'));
    const path = join(folder, 'huge.zip');
    const zeros = Buffer.alloc(1 << 24);
    let checksum = 0;
    for (let left = HUGE_BYTES; left > 0; left -= zeros.length)
      checksum = crc32(zeros.subarray(0, Math.min(left, zeros.length)), checksum);
    writeArchive(path, checksum);
    const archive = await openZip(path);
    archive.close();
    expect(archive.entries.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
      ['huge.bin', HUGE_BYTES],
      ['small.json', SMALL.length],
    ]);
    const before = process.memoryUsage().rss;
    let bytes = 0;
    for await (const chunk of readZipEntry(path, 'huge.bin', () => {})) bytes += chunk.length;
    expect(bytes).toBe(HUGE_BYTES);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
    const small: Uint8Array[] = [];
    for await (const chunk of readZipEntry(path, 'small.json', () => {})) small.push(chunk);
    expect(Buffer.concat(small)).toEqual(SMALL);
    writeArchive(path, checksum + 1);
    const damaged = readZipEntry(path, 'huge.bin', () => {});
    await expect(
      (async () => {
        for await (const _ of damaged);
      })(),
    ).rejects.toThrow(/checksum differs/);
    rmSync(folder, { recursive: true });
  });
});

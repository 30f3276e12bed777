import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guessDelimiter, parseCsv } from '../../../src/data/formats/csv-text.js';
import { readChunks, readText } from '../../../src/data/formats/read-chunks.js';
import { openZip, packZip } from '../../../src/data/formats/zip-entries.js';
import { UserError } from '../../../src/errors.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'chunks-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const write = (name: string, bytes: string | Uint8Array) => {
  writeFileSync(join(root, name), bytes);
  return join(root, name);
};

describe('readChunks', () => {
  it.each([
    ['plain', Buffer.from('é\r\nx')],
    ['with a byte order mark', Buffer.from('\ufeffé\r\nx')],
    ['gzip', gzipSync('é\r\nx')],
    ['gzip with a byte order mark', gzipSync('\ufeffé\r\nx')],
    ['gzip in two members', Buffer.concat([gzipSync('é\r'), gzipSync('\nx')])],
    ['UTF-16', Buffer.from('\ufeffé\r\nx', 'utf16le')],
    ['UTF-16 of the other byte order', Buffer.from('\ufeffé\r\nx', 'utf16le').swap16()],
    ['Windows-1252', Buffer.from('é\r\nx', 'latin1')],
  ])('reads %s text', async (_, bytes) => {
    expect(await readText(write('a.txt', bytes))).toBe('é\r\nx');
  });

  it('counts the bytes of the file itself', async () => {
    const bytes = gzipSync(Buffer.alloc(5_000_000, 'abc'));
    let [unpacked, counted] = [0, 0];
    for await (const chunk of readChunks(write('a.gz', bytes), (count) => {
      counted += count;
    }))
      unpacked += chunk.length;
    expect([unpacked, counted]).toEqual([5_000_000, bytes.length]);
  });

  it('names a file that is absent, truncated, damaged or too large', async () => {
    const bytes = gzipSync(Buffer.from(Array.from({ length: 9999 }, (_, at) => at * at)));
    const damaged = Buffer.from(bytes).fill(0, 50, 150);
    await expect(readText(join(root, 'absent'))).rejects.toThrow(/absent cannot be read/);
    await expect(readText(root)).rejects.toThrow(UserError);
    await expect(readText(write('t.gz', bytes.subarray(0, 100)))).rejects.toThrow(
      /t\.gz is a damaged or truncated/,
    );
    await expect(readText(write('d.gz', damaged))).rejects.toThrow(/d\.gz is a damaged or truncated/);
    await expect(readText(write('l.txt', 'abcdef'), 5)).rejects.toThrow(/l\.txt is larger than 5 bytes/);
  });
});

describe('parseCsv', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n\r\n1,\r\n,',
      [
        ['a', 'b'],
        ['1', ''],
      ],
    ],
    [
      '"a,""x""",b\r1,"two\nlines"',
      [
        ['a,"x"', 'b'],
        ['1', 'two\nlines'],
      ],
    ],
    ['', []],
  ])('splits %j', (text, cells) => {
    expect(parseCsv(text, ',', 'f').map((row) => row.cells)).toEqual(cells);
  });

  it('counts lines, also inside quotes', () => {
    expect(parseCsv('a\n\n"b\nc"\nd\n', ',', 'f').map((row) => row.line)).toEqual([1, 3, 5]);
  });

  it.each([
    ['a;b,c;d\n', ';'],
    ['a\tb\n', '\t'],
    ['title\na,b\n', ','],
    ['alone', ','],
    ['"lick, sniff, or touch"\tSTATE\n', '\t'],
  ])('guesses the delimiter of %j', (text, expected) => {
    expect(guessDelimiter(text)).toBe(expected);
  });
});

describe('zip archives', () => {
  it('come back as they were packed, and name what is missing', async () => {
    const path = write('a.zip', packZip([{ name: 'é/b.txt', bytes: Buffer.from('hello') }]));
    const archive = await openZip(path);
    expect(archive.entries).toMatchObject([{ name: 'é/b.txt', sizeBytes: 5, packedBytes: 5 }]);
    const parts: Uint8Array[] = [];
    for await (const part of archive.read('é/b.txt')) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe('hello');
    await expect(archive.read('x').next()).rejects.toThrow(/a\.zip holds no x: é\/b\.txt/);
    archive.close();
  });

  it.each([
    ['climbing names', packZip([{ name: '../x', bytes: new Uint8Array(1) }])],
    ['a name twice', packZip([1, 2].map((value) => ({ name: 'x', bytes: Uint8Array.of(value) })))],
    ['no archive', Buffer.from('hello')],
  ])('are refused with %s', async (_, bytes) => {
    await expect(openZip(write('b.zip', bytes))).rejects.toThrow(/b\.zip cannot be unpacked/);
  });
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countPackedBytes, unpackZip } from '../../../src/data/archive/unpack-zip.js';
import { packZip } from '../../../src/data/formats/zip-entries.js';
import { UserError } from '../../../src/errors.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unpack-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const pack = (files: Record<string, string>) =>
  Buffer.from(packZip(Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }))));

const write = (bytes: Uint8Array) => {
  const path = join(root, 'a.zip');
  writeFileSync(path, bytes);
  return path;
};

describe('unpackZip', () => {
  it('unpacks, and takes up where it stopped', async () => {
    const path = write(pack({ 'part/a.json': '{}', 'b.txt': 'text' }));
    const folder = join(root, 'out');
    expect(await countPackedBytes(path, folder)).toBe(6);
    const told: number[] = [];
    expect(await unpackZip(path, folder, ({ bytes }) => told.push(bytes))).toEqual([
      { path: join(folder, 'part/a.json'), status: 'unpacked' },
      { path: join(folder, 'b.txt'), status: 'unpacked' },
    ]);
    expect([told, readFileSync(join(folder, 'part/a.json'), 'utf8')]).toEqual([[2, 6], '{}']);
    const { mtimeMs } = statSync(join(folder, 'b.txt'));
    writeFileSync(join(folder, 'part/a.json'), '[]'); // the same size, another content
    expect(await countPackedBytes(path, folder)).toBe(0);
    const again = await unpackZip(path, folder);
    expect(again.map(({ status }) => status)).toEqual(['unpacked', 'present']);
    expect(readFileSync(join(folder, 'part/a.json'), 'utf8')).toBe('{}');
    expect(statSync(join(folder, 'b.txt')).mtimeMs).toBe(mtimeMs);
  });

  // entries of the same length stand in for each other, so that the archive itself is whole
  const renamed = (from: string, to: string, files: Record<string, string>) => {
    const bytes = pack(files);
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1))
      bytes.write(to, at, 'latin1');
    return bytes;
  };
  const asUnix = (mode: number) => {
    const bytes = pack({ 'a.txt': 'target' });
    const directory = bytes.indexOf('PK\x01\x02');
    bytes[directory + 5] = 3; // made by Unix
    bytes.writeUInt32LE((mode << 16) >>> 0, directory + 38);
    return bytes;
  };
  it.each([
    ['paths out of the folder', renamed('abcdef', '../../', { 'abcdefx.txt': 'x' }), /relative path|invalid/],
    ['absolute paths', renamed('abc', '/tm', { 'abc/x.txt': 'x' }), /absolute path/],
    ['a drive', renamed('ab/', 'c:/', { 'ab/x.txt': 'x' }), /absolute path|not a usable file name/],
    ['control characters', renamed('abc', 'a\nc', { 'abc.txt': 'x' }), /not a usable file name/],
    ['names in another case', pack({ 'a.txt': '1', 'A.TXT': '2' }), /would be one file/],
    ['the same name', renamed('b.txt', 'a.txt', { 'a.txt': '1', 'b.txt': '2' }), /there twice/],
    ['a file that is a folder', pack({ a: '1', 'a/b': '2' }), /a is a file and a folder of a\/b/],
    ['links', asUnix(0o120777), /is a link or a device/],
    ['devices', asUnix(0o020666), /is a link or a device/],
  ])('refuses %s, and writes nothing', async (_, bytes, message) => {
    const path = write(bytes);
    const unpacking = unpackZip(path, join(root, 'out'));
    await expect(unpacking).rejects.toThrow(message);
    await expect(unpacking).rejects.toThrow(UserError);
    expect(readdirSync(root)).toEqual(['a.zip']);
  });

  it('takes plain files with Unix permissions', async () => {
    const [file] = await unpackZip(write(asUnix(0o100644)), join(root, 'out'));
    expect(readFileSync(file.path, 'utf8')).toBe('target');
  });

  it('writes no more bytes than are declared, and leaves no half of a file', async () => {
    const bytes = pack({ 'a.txt': 'x'.repeat(1000) });
    const directory = bytes.indexOf('PK\x01\x02');
    bytes.writeUInt32LE(10, directory + 24); // 10 bytes when unpacked
    await expect(unpackZip(write(bytes), join(root, 'out'))).rejects.toThrow(/cannot be unpacked/);
    expect(existsSync(join(root, 'out/a.txt'))).toBe(false);
    const broken = pack({ 'a.txt': 'hello' });
    broken[broken.indexOf('hello')] ^= 1;
    await expect(unpackZip(write(broken), join(root, 'out'))).rejects.toThrow(/checksum differs/);
    expect(existsSync(join(root, 'out')) ? readdirSync(join(root, 'out')) : []).toEqual([]);
  });

  it('says why it cannot write', async () => {
    writeFileSync(join(root, 'file'), '');
    mkdirSync(join(root, 'out'));
    await expect(unpackZip(write(pack({ 'a.txt': '1' })), join(root, 'file/out'))).rejects.toThrow(
      /a part of the path is a file/,
    );
  });
});

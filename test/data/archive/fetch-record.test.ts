import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FetchOptions } from '../../../src/data/archive/fetch-file.js';
import {
  fetchPlanned,
  findFetched,
  planFetch,
  type RecordRequest,
  requireSpace,
} from '../../../src/data/archive/fetch-record.js';
import { packZip } from '../../../src/data/formats/zip-entries.js';
import { importDataset } from '../../../src/data/import-dataset.js';
import { openDataset } from '../../../src/data/store/open-dataset.js';
import { UserError } from '../../../src/errors.js';
import { exampleSequence, SOCIAL_VOCAB } from '../formats/calms21-text.js';
import { type ArchiveServer, answerWell, type Behaviour, startArchiveServer } from './archive-server.js';

const CONTENT = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 251);
const OTHER = CONTENT.map((byte) => byte ^ 1);
const NAME = 'task 1.zip';

let server: ArchiveServer;
let root: string;
let folder: string;
beforeEach(async () => {
  server = await startArchiveServer({ [NAME]: CONTENT });
  root = mkdtempSync(join(tmpdir(), 'fetch-'));
  folder = join(root, 'raw');
});
afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const fetchRecord = async (request: RecordRequest, options: FetchOptions) =>
  fetchPlanned(await planFetch(request, options), options);
const patience = { attempts: 3, stallMs: 2000, retryWaitMs: 1 };
const run = (options: Partial<Parameters<typeof fetchRecord>[1]> = {}, md5?: string) =>
  fetchRecord(
    {
      recordUrl: server.recordUrl,
      files: [md5 === undefined ? { name: NAME } : { name: NAME, md5 }],
      folder,
    },
    { ...patience, ...options },
  );
const fetched = () => readFileSync(join(folder, NAME));

/** Sends `bytes` of what is asked for and then cuts the connection. */
const dropAfter =
  (bytes: number): Behaviour =>
  (request, response, content) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': content.length - start,
      ...(start > 0 && range),
    });
    response.write(content.subarray(start, start + bytes), () => response.destroy());
  };

describe('fetchRecord', () => {
  it('fetches, checks and does not fetch twice', async () => {
    const progress: number[] = [];
    const [first] = await run({ onProgress: ({ bytes }) => progress.push(bytes) });
    expect(first).toEqual({ path: join(folder, NAME), status: 'fetched' });
    expect(fetched().equals(CONTENT)).toBe(true);
    expect(progress.at(-1)).toBe(CONTENT.length);
    expect(readdirSync(folder)).toEqual([NAME]);
    expect((await run())[0].status).toBe('present');
    expect(server.ranges).toHaveLength(1);
  });

  it('tells how far the checksum of what is there, and of what has arrived, is', async () => {
    const checks: [string, number][] = [];
    const onCheck: FetchOptions['onCheck'] = ({ name, bytes, bytesTotal }) =>
      checks.push([name, bytes / bytesTotal]);
    await run({ onCheck });
    expect(checks).toEqual([[NAME, 1]]);
    await run({ onCheck });
    expect(checks).toHaveLength(2);
  });

  it('names a file in the place of the folder', async () => {
    writeFileSync(join(root, 'file'), '');
    folder = join(root, 'file', 'raw');
    await expect(run()).rejects.toThrow(/raw cannot be written: a part of the path is a file/);
    await expect(run()).rejects.toBeInstanceOf(UserError);
  });

  it('goes on where connections drop, more often than it has attempts', async () => {
    server.behave(dropAfter(15_000));
    await run();
    expect(fetched().equals(CONTENT)).toBe(true);
    expect(server.ranges.length).toBeGreaterThan(patience.attempts + 1);
    expect(server.ranges[0]).toBeUndefined();
    expect(server.ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
  });

  it('goes on where an earlier run stopped', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, `${NAME}.partial`), CONTENT.subarray(0, 60_000));
    await run();
    expect(server.ranges).toEqual(['bytes=60000-']);
    expect(fetched().equals(CONTENT)).toBe(true);
  });

  it('starts again where the server ignores ranges', async () => {
    server.behave((request, response, content, count) => {
      Reflect.deleteProperty(request.headers, 'range');
      (count === 0 ? dropAfter(20_000) : answerWell)(request, response, content, count);
    });
    await run();
    expect(fetched().equals(CONTENT)).toBe(true);
  });

  it('starts again where what was there belongs to another version', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, `${NAME}.partial`), OTHER.subarray(0, 60_000));
    await run();
    expect(server.ranges).toEqual(['bytes=60000-', undefined]);
    expect(fetched().equals(CONTENT)).toBe(true);
  });

  it('starts again where too much was there', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, `${NAME}.partial`), new Uint8Array(200_000));
    await run();
    expect(fetched().equals(CONTENT)).toBe(true);
  });

  it('waits for a server that is busy or stalls', async () => {
    server.behave((request, response, content, count) => {
      if (count === 0) response.writeHead(500).end();
      else if (count === 1) response.writeHead(429, { 'retry-after': '0.01' }).end();
      else if (count === 2) {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 30_000)); // and then nothing
      } else answerWell(request, response, content, count);
    });
    await run({ stallMs: 100 });
    expect(server.ranges).toHaveLength(4);
    expect(server.ranges[3]).toMatch(/^bytes=[1-9]/);
    expect(fetched().equals(CONTENT)).toBe(true);
  });

  const refusals: [string, Behaviour, RegExp][] = [
    ['403', (_, response) => response.writeHead(403).end(), /answers 403 \(not allowed\)/],
    ['404', (_, response) => response.writeHead(404).end(), /answers 404 \(not found\)/],
    ['500 for ever', (_, response) => response.writeHead(500).end(), /the server answers 500 \(3 attempts\)/],
    [
      'a page in place of the file',
      (_, response) => response.end('<html>log in</html>'),
      /ended at byte 19|announces/,
    ],
    ['wrong bytes', (_, response) => response.end(OTHER), /checksum of what arrived is not/],
    [
      'too many bytes',
      (_, response) => response.end(Buffer.concat([CONTENT, CONTENT])),
      /more than the|announces/,
    ],
    ['nothing', (_, response) => response.destroy(), /the connection failed: .* \(3 attempts\)/],
  ];
  it.each(refusals)('gives up on %s, without a file under the name', async (_, behaviour, message) => {
    server.behave(behaviour);
    const fetching = run();
    await expect(fetching).rejects.toThrow(message);
    await expect(fetching).rejects.toThrow(UserError);
    expect(existsSync(join(folder, NAME))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([]);
    server.behave(answerWell);
    await run();
    expect(fetched().equals(CONTENT)).toBe(true);
  });

  it('keeps what arrived when it is told to stop', async () => {
    const stop = new AbortController();
    server.behave((_, response, content) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 30_000), () => setTimeout(() => stop.abort(new Error('stop')), 50));
    });
    await expect(run({ signal: stop.signal })).rejects.toThrow('stop');
    server.behave(answerWell);
    await run();
    expect(server.ranges[1]).toMatch(/^bytes=[1-9]/);
  });

  it('refuses a record that changed, and files that it does not have', async () => {
    await expect(run({}, 'ab'.repeat(16))).rejects.toThrow(/expected abab/);
    const request = { recordUrl: server.recordUrl, files: [{ name: 'x.zip' }], folder };
    await expect(fetchRecord(request, patience)).rejects.toThrow(/has no file x\.zip; it has task 1\.zip/);
    const nowhere = { ...request, recordUrl: 'http://127.0.0.1:1/files' };
    await expect(fetchRecord(nowhere, patience)).rejects.toThrow(/the connection failed/);
  });

  it('leaves another file in the same place alone', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, NAME), 'mine');
    await expect(run()).rejects.toThrow(/is there, but damaged or another file: 4 bytes, expected 100000/);
    expect(readFileSync(join(folder, NAME), 'utf8')).toBe('mine');
  });

  it('lets one process at a time write, and takes over from a dead one', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, `${NAME}.lock`), `${hostname()} ${process.pid}`);
    await expect(run()).rejects.toThrow(/being fetched by another process/);
    writeFileSync(join(folder, `${NAME}.lock`), `${hostname()} 999999999`);
    await run();
    expect(readdirSync(folder)).toEqual([NAME]);
  });
});

describe('planFetch', () => {
  const request = (name: string | RegExp) => ({ recordUrl: server.recordUrl, files: [{ name }], folder });

  it('tells sizes and what is missing of them, and fetches nothing', async () => {
    const sizes = async () => {
      const { files, bytesMissing } = await planFetch(request(/^TASK/i), patience);
      return [files.map(({ name, sizeBytes }) => [name, sizeBytes]), bytesMissing];
    };
    expect(await sizes()).toEqual([[[NAME, 100_000]], 100_000]);
    mkdirSync(folder);
    writeFileSync(join(folder, `${NAME}.partial`), CONTENT.subarray(0, 60_000));
    expect(await sizes()).toEqual([[[NAME, 100_000]], 40_000]);
    await run();
    expect(await sizes()).toEqual([[[NAME, 100_000]], 0]);
    expect(server.ranges).toEqual(['bytes=60000-']);
  });

  it('asks for room on the disk before it begins', async () => {
    await requireSpace(join(folder, 'not', 'there', 'yet'), 1);
    await expect(requireSpace(folder, 1e18)).rejects.toThrow(
      /raw needs 1000000000\.0 GB, [\d.]+ GB are free/,
    );
  });
});

describe('findFetched', () => {
  it('checks what is there and tells what is missing', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, NAME), 'abc');
    const md5 = '900150983cd24fb0d6963f7d28e17f72'; // of 'abc', RFC 1321
    const found = await findFetched(folder, [{ name: NAME, md5 }, { name: 'other.zip' }]);
    expect(found).toEqual({
      present: [{ path: join(folder, NAME), status: 'present' }],
      missing: ['other.zip'],
    });
    await expect(findFetched(folder, [{ name: NAME, md5: '0'.repeat(32) }])).rejects.toThrow(/checksum/);
    await expect(findFetched(folder, [{ name: 'x' }])).rejects.toThrow(/holds none of x/);
  });
});

describe('importing from a fetched archive', () => {
  const settings = { format: 'calms21', name: 'c', files: ['raw'], contents: [] } as const;
  const json = JSON.stringify({ 'annotator-id_0': { m1: exampleSequence(50, 1, SOCIAL_VOCAB) } });
  const write = (bytes: Uint8Array) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'task1.zip'), bytes);
  };
  const options = () => ({ baseFolder: root, overwrite: false });

  it('reads the JSON inside the zip', async () => {
    const files = [
      { name: 'task1/calms21_task1_train.json', bytes: Buffer.from(json) },
      { name: 'task1/taskprog_features_task1_train.json', bytes: Buffer.from('{}') },
    ];
    write(packZip(files));
    await importDataset(settings, join(root, 'set'), options());
    const dataset = openDataset(join(root, 'set'));
    expect(dataset.recordings[0]).toMatchObject({ id: 'm1', subset: 'task1/train', frames: 50 });
    expect(dataset.recordings[0].source.file).toBe('raw/task1.zip/task1/calms21_task1_train.json');
  });

  it('refuses a damaged one and leaves nothing', async () => {
    const good = Buffer.from(packZip([{ name: 'calms21_task1_train.json', bytes: Buffer.from(json) }]));
    const flipped = Buffer.from(good);
    const digit = flipped.indexOf('annotations') + 20;
    flipped[digit] = flipped[digit] === 0x31 ? 0x32 : 0x31;
    write(flipped);
    await expect(importDataset(settings, join(root, 'set'), options())).rejects.toThrow(
      /checksum differs|expected/,
    );
    write(good.subarray(0, good.length - 30));
    await expect(importDataset(settings, join(root, 'set'), options())).rejects.toThrow(/cannot be unpacked/);
    expect(readdirSync(root)).toEqual(['raw']);
  });
});

import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from '../../errors.js';

const CHUNK_BYTES = 1 << 20;

/**
 * The bytes of a file in pieces; gzip is unpacked (told by its first two bytes, whatever the name says), a UTF-8
 * byte order mark is dropped. `onBytes` is told how many bytes of the file itself were taken. Throws a UserError
 * where the file can't be read or unpacked.
 */
export async function* readChunks(
  path: string,
  onBytes: (count: number) => void = () => {},
): AsyncGenerator<Uint8Array, void> {
  try {
    const isPacked = await isGzip(path);
    const raw = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    const stream = isPacked ? pipeline(raw, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : raw;
    let isFirst = true;
    let bytesTold = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const hasMark = isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
      isFirst = false;
      onBytes(raw.bytesRead - bytesTold);
      bytesTold = raw.bytesRead;
      yield hasMark ? chunk.subarray(3) : chunk;
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (!/^(E[A-Z]+|Z_[A-Z_]+)$/.test(code)) throw cause;
    const what = code.startsWith('Z_') ? 'is a damaged or truncated gzip file' : 'cannot be read';
    throw new UserError('data', `${path} ${what}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * A whole text file of moderate size, line ends as they are: UTF-8, UTF-16 with its byte order mark (as spreadsheets save
 * "Unicode text"), and what is neither as Windows-1252. Throws a UserError above `limitBytes`.
 */
export async function readText(path: string, limitBytes = 256 << 20): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of readChunks(path)) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes)
      throw new UserError(
        'data',
        `${path} is larger than ${limitBytes} bytes, too large for a file of this kind`,
      );
  }
  const bytes = Buffer.concat(chunks);
  return new TextDecoder(findEncoding(bytes)).decode(bytes);
}

function findEncoding(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe') return 'utf-16le';
  if (mark === 'feff') return 'utf-16be';
  return isUtf8(bytes) ? 'utf-8' : 'windows-1252';
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

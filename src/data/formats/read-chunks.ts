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

/** A whole text file of moderate size, line ends as they are. Throws a UserError above `limitBytes`. */
export async function readText(path: string, limitBytes = 256 << 20): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  for await (const chunk of readChunks(path)) {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes)
      throw new UserError(
        'data',
        `${path} is larger than ${limitBytes} bytes, too large for a file of this kind`,
      );
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
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

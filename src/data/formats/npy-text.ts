import { sizeOf } from '../../arrays.js';
import { UserError } from '../../errors.js';
import { readNpyHeader } from './npy.js';

/** No file of poses has more names than this. */
const MOST_TEXTS = 1 << 20;

/** Reads a `.npy` file of fixed-width text (`U12`: UCS-4, `S12`: bytes), in C order. Throws a UserError for other kinds. */
export function parseNpyText(bytes: Uint8Array, path: string): string[] {
  const { descr, shape, dataOffset, fortranOrder } = readNpyHeader(bytes, path);
  const match = /^([<>|])([US])(\d{1,6})$/.exec(descr);
  if (!match || (fortranOrder && shape.length > 1))
    throw new UserError('data', `${path}: expected text, got elements of type ${descr}`);
  const [, order, kind, width] = match;
  const count = sizeOf(shape);
  const itemBytes = Number(width) * (kind === 'U' ? 4 : 1);
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + dataOffset, bytes.length - dataOffset);
  if (!(count <= MOST_TEXTS) || content.length !== count * itemBytes)
    throw new UserError(
      'data',
      `${path}: shape (${shape.join(', ')}) of ${descr} needs ${count * itemBytes} bytes, got ${content.length}`,
    );
  return Array.from({ length: count }, (_, item) => {
    const text = content.subarray(item * itemBytes, (item + 1) * itemBytes);
    return (kind === 'S' ? text.toString('utf8') : decodeUcs4(text, order === '>', path)).replace(/\0+$/, '');
  });
}

function decodeUcs4(bytes: Buffer, isBigEndian: boolean, path: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const code = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    if (code > 0x10ffff) throw new UserError('data', `${path}: there is no character ${code}`);
    text += String.fromCodePoint(code);
  }
  return text;
}

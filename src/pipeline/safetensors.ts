import type { HostArrays } from '../arrays.js';
import { UserError } from '../errors.js';

const ALIGNMENT = 8;

/**
 * A safetensors file: the header's length as eight bytes, the header as JSON, then the tensors' bytes, little-endian.
 * (https://github.com/huggingface/safetensors#format)
 *
 * @param metadata what stands in `__metadata__`
 */
export function encodeSafetensors(
  tensors: HostArrays,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  assertLittleEndian();
  const names = Object.keys(tensors).sort();
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const name of names) {
    const { shape, data } = tensors[name];
    const dtype = data instanceof Float32Array ? 'F32' : 'I32';
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc((ALIGNMENT - (text.length % ALIGNMENT)) % ALIGNMENT, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length + padding.length));
  const contents = names.map((name) => {
    const { buffer, byteOffset, byteLength } = tensors[name].data;
    return new Uint8Array(buffer, byteOffset, byteLength);
  });
  return [length, text, padding, ...contents];
}

function assertLittleEndian(): void {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return;
  throw new UserError('device', 'This machine stores numbers big-endian, which safetensors files never are');
}

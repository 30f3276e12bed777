import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NvidiaPin } from '../../src/engine/nvidia-pins.js';
import { zip } from './zip.js';

/** Makes wheels of a few bytes in place of NVIDIA's below `folder`, and the pins that they fit. */
export function smallWheels(folder: string): { wheels: string; pins: NvidiaPin[] } {
  const wheels = join(folder, 'wheels');
  mkdirSync(wheels);
  const pins = [
    { name: 'cublas', members: ['lib/libcublas.so.12'] },
    { name: 'cuda_nvcc', members: ['bin/ptxas', 'nvvm/libdevice/libdevice.10.bc'] },
  ].map(({ name, members }): NvidiaPin => {
    const bytes = zip({
      ...Object.fromEntries(members.map((member) => [`nvidia/${name}/${member}`, `${name} ${member}`])),
      [`nvidia/${name}/include/other.h`]: 'not wanted',
      [`nvidia_${name}_cu12-1.dist-info/licenses/License.txt`]: 'terms',
    });
    const wheelFile = `${name}.whl`;
    writeFileSync(join(wheels, wheelFile), bytes);
    const wheelSha256 = createHash('sha256').update(bytes).digest('hex');
    const distribution = `nvidia-${name.replaceAll('_', '-')}-cu12`;
    return { distribution, version: '1', wheelFile, wheelSha256, wheelBytes: 1, folder: name, members };
  });
  return { wheels, pins };
}

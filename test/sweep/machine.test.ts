import { describe, expect, it } from 'vitest';
import { availableMemory, processMemory } from '../../src/processes.js';
import { expectBytes, hasRoom } from '../../src/sweep/memory.js';
import { listGpus, shareMachine } from '../../src/sweep/slots.js';

describe('memory', () => {
  it('sets aside what runs that have begun will still take', () => {
    const claim = { expectedBytes: 3, usedBytes: 1 };
    // 2 of 6 are promised to the first run, 4 are left.
    expect(hasRoom(6, [claim], 4)).toBe(true);
    expect(hasRoom(6, [claim], 5)).toBe(false);
    expect(hasRoom(6, [claim, { expectedBytes: 1, usedBytes: 5 }], 4)).toBe(true);
    expect(hasRoom(null, [claim], 1e12)).toBe(true);
  });

  it('expects what it was told, else the largest that was seen', () => {
    expect(expectBytes(2, [5e9])).toBe(2e9);
    expect(expectBytes(null, [5e9, 6e9])).toBe(6e9);
    expect(expectBytes(null, [])).toBeGreaterThan(0);
  });

  it('in a container is what its limit leaves, pages of files not counted', () => {
    const files: Readonly<Record<string, string>> = {
      '/proc/meminfo': 'MemTotal: 9 kB\nMemAvailable:   20000000 kB\n',
      '/sys/fs/cgroup/memory.current': '7900000000\n',
      '/sys/fs/cgroup/memory.stat': 'active_file 5\ninactive_file 6000000000\n',
    };
    const read = (file: string) => files[file];
    expect(availableMemory(read, 8e9)).toBe(6.1e9);
    expect(availableMemory(read, 2 ** 64)).toBe(20_480_000_000);
    expect(availableMemory(() => undefined, 8e9)).toBeNull();
  });

  it.runIf(process.platform === 'linux')('is read from the kernel', () => {
    expect(availableMemory()).toBeGreaterThan(1e6);
    const { usedBytes, peakBytes } = processMemory(process.pid) ?? { usedBytes: 0, peakBytes: 0 };
    expect(usedBytes).toBeGreaterThan(1e7);
    expect(peakBytes).toBeGreaterThanOrEqual(usedBytes);
    expect(processMemory(4_194_305)).toBeNull();
  });
});

describe('shareMachine', () => {
  it('divides processors, and gives each slot a GPU of its own', () => {
    const share = shareMachine(3, 8, ['0', '2', '5']);
    expect([0, 1, 2].map(share)).toEqual([
      { threads: 2, gpu: '0' },
      { threads: 2, gpu: '2' },
      { threads: 2, gpu: '5' },
    ]);
    expect(shareMachine(4, 2, [])(3)).toEqual({ threads: 1, gpu: null });
  });

  it('refuses to let two runs share a GPU', () => {
    expect(() => shareMachine(3, 8, ['0', '1'])).toThrow('runner.slots is 3, but there are 2 GPUs');
  });

  it('takes the GPUs that this process may see', () => {
    expect(listGpus('1, 3')).toEqual(['1', '3']);
    expect(listGpus('')).toEqual([]);
    expect(listGpus('-1')).toEqual([]);
  });
});

import { expect, it } from 'vitest';
import { loadNativeTf } from '../../src/engine/native.js';

it.each(['cpu', 'cuda'] as const)(
  'says how the %s engine is installed anew where it can not be loaded',
  (name) => {
    const settings = { name, threads: 1, gpu: undefined, programFolder: undefined };
    expect(() => loadNativeTf('/nowhere/tfjs_binding.node', settings)).toThrow(
      expect.objectContaining({
        kind: 'device',
        message: expect.stringContaining('/nowhere/tfjs_binding.node'),
        hint: expect.stringContaining(`then whisker engine install ${name}`),
      }),
    );
  },
);

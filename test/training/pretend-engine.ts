import type { HostArrays } from '../../src/arrays.js';
import type { Engine } from '../../src/engine/engine.js';

/** An engine that runs nothing: each step moves every parameter by one. */
export const pretend: Engine = {
  compile: async (_step: unknown, example: { state: HostArrays }) => {
    let state = example.state;
    return {
      mode: 'eager',
      precision: 'float32',
      reason: 'pretended',
      outputs: [],
      run: (batch: HostArrays) => {
        const isGood = Number.isFinite(batch.tokens.data[0]);
        if (isGood) {
          state = Object.fromEntries(
            Object.entries(state).map(([name, { shape: extent, data }]) => [
              name,
              { shape: extent, data: data.map((value) => value + 1) as Float32Array },
            ]),
          );
        }
        const scalar = (value: number) => ({ shape: [], data: Float32Array.of(value) });
        const part = scalar(isGood ? batch.tokens.data[0] : Number.NaN);
        return { loss: part, 'part/masked': part, gradientNorm: scalar(2), ok: scalar(Number(isGood)) };
      },
      read: () => state,
      write: () => {},
      dispose: () => {},
    };
  },
} as unknown as Engine;

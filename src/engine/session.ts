/** One loaded program in the native library: feeds go in by name, fetches come out as host arrays. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import type { HostArray } from '../arrays.js';
import { UserError } from '../errors.js';
import { elementTypeNumber, TF_INT32 } from './element-types.js';
import { SAVED_MODEL_TAG } from './graph.js';
import { elementTypeOf } from './layout.js';
import type { NativeBinding, TensorMetadata } from './native.js';
import { STDERR, withQuietStderr } from './quiet-stderr.js';
import { makeTemporaryFolder, withTemporaryFiles } from './temporary-folder.js';
import { feedName } from './write-program.js';

export class Session {
  private readonly model: number;

  /**
   * @param savedModel the bytes of `saved_model.pb`
   * @param isForGpu whether the program takes float32 arguments as the int32 of the same bits: see `ProgramPlan`
   */
  constructor(
    private readonly binding: NativeBinding,
    savedModel: Uint8Array,
    private readonly isForGpu: boolean,
  ) {
    this.model = load(binding, savedModel);
  }

  /** Runs what `fetches` depend on; `inputs` name what `feeds` are fed for. */
  run(inputs: readonly string[], feeds: readonly HostArray[], fetches: readonly string[]): HostArray[] {
    const fed: number[] = [];
    try {
      const names = feeds.map((array, index) => {
        const { name, id } = this.upload(inputs[index] as string, array);
        fed.push(id);
        return name;
      });
      return this.call(fed, names, fetches).map(({ id, shape }) => {
        const data = this.binding.tensorDataSync(id) as Float32Array | Int32Array;
        this.binding.deleteTensor(id);
        return { shape, data };
      });
    } finally {
      for (const id of fed) this.binding.deleteTensor(id);
    }
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.model);
  }

  private upload(input: string, { shape, data }: HostArray): { name: string; id: number } {
    const type = elementTypeNumber(elementTypeOf({ shape, data }));
    const name = feedName(input, type, this.isForGpu);
    if (name === input) return { name, id: this.binding.createTensor(shape, type, data) };
    const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
    return { name, id: this.binding.createTensor(shape, TF_INT32, bits) };
  }

  private call(
    fed: readonly number[],
    names: readonly string[],
    fetches: readonly string[],
  ): TensorMetadata[] {
    const join = (ends: readonly string[]): string => ends.map((name) => `${name}:0`).join(',');
    try {
      return this.binding.runSavedModel(this.model, fed, join(names), join(fetches));
    } catch (error) {
      const text = (error as Error).message;
      const isMemory = /RESOURCE_EXHAUSTED|OOM|out of memory/i.test(text);
      throw new UserError(isMemory ? 'memory' : 'device', `The engine could not run the program: ${text}`, {
        ...(isMemory ? { hint: 'Use a smaller batch, shorter windows or a narrower encoder' } : {}),
        cause: error,
      });
    }
  }
}

/**
 * The library loads programs from a folder; it is gone again once they are loaded. What it says is kept off a terminal
 * only: descriptor 2 is free for a moment then, and threads that prepare batches open files meanwhile.
 */
function load(binding: NativeBinding, savedModel: Uint8Array): number {
  const folder = makeTemporaryFolder('whisker-program-');
  try {
    const file = join(folder, 'saved_model.pb');
    withTemporaryFiles(() => writeFileSync(file, savedModel, { mode: 0o600 }));
    const loadModel = (): number => binding.loadSavedModel(folder, SAVED_MODEL_TAG);
    return isatty(STDERR) ? withQuietStderr(loadModel).result : loadModel();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

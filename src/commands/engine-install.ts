import { engineFolder } from '../engine/cache.js';
import { installEngine, listEngines } from '../engine/install.js';
import { NVIDIA_PINS, NVIDIA_TERMS } from '../engine/nvidia-pins.js';
import { LIBRARY_PINS, type WheelPin } from '../engine/pins.js';
import { UserError } from '../errors.js';
import { formatBytes } from '../ui/format.js';
import { defineCommand } from './command.js';
import { nextAfterEngine } from './next-command.js';
import { formatColumns } from './output.js';
import { askToFetch } from './questions.js';
import { showProgress } from './show-progress.js';

const UNASKED =
  'Add --yes to fetch without a question, or --system-cuda to use the libraries of this machine';

export default defineCommand({
  positionals: {
    name: { type: 'string', choices: ['cpu', 'cuda'], demandOption: true, describe: 'which engine' },
  },
  options: {
    wheel: {
      type: 'string',
      describe: 'the TensorFlow wheel as a file, where no package index is reachable',
    },
    'system-cuda': {
      type: 'boolean',
      default: false,
      describe: "cuda: use this machine's CUDA 12 and cuDNN 9 in place of NVIDIA's wheels",
    },
    'nvidia-wheels': {
      type: 'string',
      describe: "cuda: a folder with NVIDIA's wheels, where no package index is reachable",
    },
    yes: { type: 'boolean', default: false, describe: "cuda: fetch NVIDIA's wheels without a question" },
  },
  example: ['$0 engine install cpu', 'fetch, check and build the engine for the processor'],
  async run({ name, wheel, yes, 'system-cuda': systemCuda, 'nvidia-wheels': nvidiaWheels }, context) {
    const { output, environment } = context;
    if (name === 'cpu' && (systemCuda || nvidiaWheels !== undefined)) {
      throw new UserError('usage', '--system-cuda and --nvidia-wheels are for: engine install cuda');
    }
    const withNvidia = name === 'cuda' && !systemCuda;
    const isThere = (await listEngines(engineFolder(environment))).some((engine) => engine.hasNvidia);
    if (withNvidia && !isThere && nvidiaWheels === undefined) {
      const fetched = [...(wheel === undefined ? [LIBRARY_PINS.cuda] : []), ...NVIDIA_PINS];
      output.message(`${describeWheels(fetched)}\n\n${NVIDIA_TERMS}\n`);
      if (!yes && !(await askToFetch(sizeOf(fetched), UNASKED))) {
        output.message('Nothing was fetched');
        return;
      }
    }
    const engine = await showProgress({ command: 'engine install', name, unit: 'bytes' }, context, (tell) => {
      let told = '';
      return installEngine(name, {
        withNvidia,
        ...(wheel === undefined ? {} : { wheel }),
        ...(nvidiaWheels === undefined ? {} : { nvidiaWheels }),
        onProgress({ text, totalBytes }) {
          // Unpacking reports every few megabytes.
          if (text !== told)
            tell.phase(totalBytes === undefined ? text : `${text}, ${formatBytes(totalBytes)}`);
          told = text;
        },
      });
    });
    output.result(engine, `${engine.name}  TensorFlow ${engine.version}  ${formatBytes(engine.sizeBytes)}`);
    output.next(...nextAfterEngine());
  },
});

const sizeOf = (wheels: readonly WheelPin[]): number =>
  wheels.reduce((sum, { wheelBytes }) => sum + wheelBytes, 0);

function describeWheels(wheels: readonly WheelPin[]): string {
  const rows = wheels.map(({ distribution, version, wheelBytes }) => [
    distribution,
    version,
    formatBytes(wheelBytes),
  ]);
  return formatColumns([...rows, ['together', '', formatBytes(sizeOf(wheels))]]);
}

import { installEngine } from '../engine/install.js';
import { formatBytes } from '../ui/format.js';
import { defineCommand } from './command.js';
import { nextAfterEngine } from './next-command.js';
import { showProgress } from './show-progress.js';

export default defineCommand({
  positionals: {
    name: { type: 'string', choices: ['cpu', 'cuda'], demandOption: true, describe: 'which engine' },
  },
  options: {
    wheel: {
      type: 'string',
      describe: 'the TensorFlow wheel as a file, where no package index is reachable',
    },
  },
  example: ['$0 engine install cpu', 'fetch, check and build the engine for the processor'],
  async run({ name, wheel }, context) {
    const { output } = context;
    const engine = await showProgress({ command: 'engine install', name, unit: 'bytes' }, context, (tell) => {
      let told = '';
      return installEngine(name, {
        ...(wheel === undefined ? {} : { wheel }),
        onProgress({ text }) {
          // Unpacking reports every few megabytes.
          if (text !== told) tell.phase(text);
          told = text;
        },
      });
    });
    output.result(engine, `${engine.name}  TensorFlow ${engine.version}  ${formatBytes(engine.sizeBytes)}`);
    output.next(...nextAfterEngine());
  },
});

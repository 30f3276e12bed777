import { installEngine } from '../engine/install.js';
import { formatBytes } from '../ui/format.js';
import { defineCommand } from './command.js';
import { nextAfterEngine } from './next-command.js';

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
  async run({ name, wheel }, { output }) {
    const engine = await installEngine(name, {
      ...(wheel === undefined ? {} : { wheel }),
      onProgress: ({ phase, text }) => {
        // Unpacking reports every few megabytes: one line is enough.
        if (phase !== 'unpack') output.message(text);
      },
    });
    output.result(engine, `${engine.name}  TensorFlow ${engine.version}  ${formatBytes(engine.sizeBytes)}`);
    output.next(...nextAfterEngine());
  },
});

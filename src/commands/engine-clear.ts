import { engineFolder } from '../engine/cache.js';
import { clearEngines } from '../engine/install.js';
import { formatBytes } from '../ui/format.js';
import { defineCommand } from './command.js';

export default defineCommand({
  positionals: {},
  options: {},
  example: ['$0 engine clear', 'remove engines and compiled programs from the cache'],
  async run(_, { output, environment }) {
    const folder = engineFolder(environment);
    const freedBytes = await clearEngines(folder);
    output.result({ folder, freedBytes }, `Removed ${formatBytes(freedBytes)} from ${folder}`);
    output.next('whisker engine install cpu');
  },
});

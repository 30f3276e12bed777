import { engineFolder } from '../engine/cache.js';
import { listEngines } from '../engine/install.js';
import { formatBytes } from '../ui/format.js';
import { defineCommand } from './command.js';
import { formatColumns } from './output.js';

export default defineCommand({
  positionals: {},
  options: {},
  example: ['$0 engine list', 'what is installed, and where'],
  async run(_, { output, environment }) {
    const folder = engineFolder(environment);
    const engines = await listEngines(folder);
    const rows = engines.map((engine) => [
      engine.name,
      `TensorFlow ${engine.version}`,
      formatBytes(engine.sizeBytes),
      engine.addon === undefined ? 'not built for this machine' : engine.libraryFolder,
    ]);
    output.result({ folder, engines }, rows.length === 0 ? `No engine in ${folder}` : formatColumns(rows));
    output.next(rows.length === 0 ? 'whisker engine install cpu' : 'whisker doctor');
  },
});

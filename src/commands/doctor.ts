import { availableParallelism, totalmem } from 'node:os';
import { engineFolder } from '../engine/cache.js';
import { listEngines } from '../engine/install.js';
import { formatBytes } from '../ui/format.js';
import { defineCommand } from './command.js';
import { formatColumns } from './output.js';

interface Finding {
  readonly what: string;
  readonly isFine: boolean;
  readonly says: string;
  readonly remedy?: string;
}

export default defineCommand({
  positionals: {},
  options: {},
  example: ['$0 doctor', 'is everything here that training needs?'],
  async run(_, { output, environment }) {
    const findings = [checkNode(), checkMachine(), ...(await checkEngines(environment))];
    output.result(findings, () =>
      formatColumns(findings.map(({ what, isFine, says }) => [isFine ? 'ok' : 'missing', what, says])),
    );
    output.next(...findings.flatMap((finding) => finding.remedy ?? []));
  },
});

function checkNode(): Finding {
  return { what: 'Node.js', isFine: true, says: process.versions.node };
}

function checkMachine(): Finding {
  const says = `${availableParallelism()} processors, ${formatBytes(totalmem())} of memory`;
  return { what: 'Machine', isFine: true, says };
}

async function checkEngines(environment: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const engines = await listEngines(engineFolder(environment));
  if (engines.length === 0) {
    const says = 'none installed: the portable engine works, slowly';
    return [{ what: 'Engine', isFine: false, says, remedy: 'whisker engine install cpu' }];
  }
  return engines.map((engine) => ({
    what: `Engine ${engine.name}`,
    isFine: true,
    says: `TensorFlow ${engine.version} in ${engine.libraryFolder}`,
  }));
}

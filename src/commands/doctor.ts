import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { engineFolder } from '../engine/cache.js';
import { checkEngine, type EngineCheck } from '../engine/check.js';
import type { Device } from '../engine/engine.js';
import { surveyGpus } from '../engine/gpus.js';
import { listEngines } from '../engine/install.js';
import { UserError } from '../errors.js';
import { formatBytes } from '../ui/format.js';
import { defineCommand } from './command.js';
import { formatColumns } from './output.js';

interface Finding {
  readonly what: string;
  /** `no`: something isn't there, or doesn't work; not everything is needed. */
  readonly state: 'ok' | 'no';
  readonly says: string;
  readonly remedy?: string;
}

export default defineCommand({
  positionals: {},
  options: {},
  example: ['$0 doctor', 'is everything here that training needs?'],
  async run(_, { output, environment }) {
    const installed = (await listEngines(engineFolder(environment))).map(({ name }) => name);
    output.message('Trying the engines: each starts in a process of its own and computes a product.');
    const engines = await Promise.all(
      ['cpu' as const, 'cuda' as const, 'portable' as const].map((device) =>
        tryEngine(device, device === 'portable' || installed.includes(device)),
      ),
    );
    const findings = [checkNode(), checkMachine(), checkDisk(), ...checkTools(), ...checkGpus(), ...engines];
    output.result(findings, () =>
      formatColumns(findings.map(({ what, state, says }) => [state, what, says])),
    );
    if (engines.every(({ state }) => state === 'no')) {
      throw new UserError('device', 'No engine works here', {
        hint: engines.map(({ says }) => says).join('\n'),
      });
    }
    const remedies = findings.flatMap(({ remedy }) => remedy ?? []);
    output.next(
      ...(remedies.length > 0
        ? remedies
        : ['whisker data simulate --out checkpoints/quickstart-data/json', 'whisker config init']),
    );
  },
});

function checkNode(): Finding {
  return { what: 'Node.js', state: 'ok', says: process.versions.node };
}

function checkMachine(): Finding {
  const limit = process.constrainedMemory();
  const memory =
    limit > 0 && limit < totalmem()
      ? `${formatBytes(limit)} of memory (a limit)`
      : `${formatBytes(totalmem())} of memory`;
  return { what: 'machine', state: 'ok', says: `${availableParallelism()} processors, ${memory}` };
}

function checkDisk(): Finding {
  const { bavail, bsize } = statfsSync('.');
  return { what: 'disk', state: 'ok', says: `${formatBytes(bavail * bsize)} free here` };
}

/** What `engine install` builds with. */
function checkTools(): readonly Finding[] {
  const calls: readonly [name: string, ...call: string[]][] = [
    ['g++', 'g++', '--version'],
    ['pip', 'python3', '-m', 'pip', '--version'],
  ];
  return calls.map(([what, command, ...args]) => {
    const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === 0) return { what, state: 'ok', says: stdout.split('\n', 1)[0] };
    return { what, state: 'no', says: 'not found: needed to install an engine' };
  });
}

function checkGpus(): readonly Finding[] {
  const survey = surveyGpus();
  if ('none' in survey) return [{ what: 'GPU', state: 'no', says: survey.none }];
  return survey.gpus.map(({ index, name, memoryBytes, driver }) => ({
    what: `GPU ${index}`,
    state: 'ok',
    says: `${name}, ${formatBytes(memoryBytes)}, driver ${driver}`,
  }));
}

async function tryEngine(device: Device, isInstalled: boolean): Promise<Finding> {
  const what = `engine ${device}`;
  if (!isInstalled) {
    const remedy = device === 'cpu' ? { remedy: 'whisker engine install cpu' } : {};
    return { what, state: 'no', says: `not installed: whisker engine install ${device}`, ...remedy };
  }
  const check = await checkEngine(device);
  return { what, state: check.isFine ? 'ok' : 'no', says: describeCheck(check) };
}

function describeCheck(check: EngineCheck): string {
  if (!check.isFine) return [check.problem, check.remedy].filter(Boolean).join(' ').replaceAll('\n', ' ');
  return `${check.does}, ${check.versions.library}; computes right to ${check.largestError.toExponential(0)}`;
}

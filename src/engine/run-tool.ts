/** Runs the outside programs that an install needs, and names what to install when one is missing. */
import { spawn } from 'node:child_process';
import { UserError } from '../errors.js';

const OUTPUT_TAIL_CHARACTERS = 4000;

/** Debian's package for a program, as told to people who lack it. */
const DEBIAN_PACKAGE: Readonly<Record<string, string>> = { python3: 'python3 python3-pip', 'g++': 'g++' };

/**
 * Runs a program to its end.
 * @param whenItFails what to do then
 * @throws UserError (`device`) when it is missing or fails; the message holds the end of what it printed
 */
export async function runTool(
  program: string,
  parameters: readonly string[],
  whenItFails?: string,
): Promise<void> {
  const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_TAIL_CHARACTERS);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw missingTool(program, `${program} was not found`);
    throw error;
  });
  if (code === 0) return;
  if (/No module named pip/.test(output))
    throw missingTool(program, 'python3 is there, but its pip module is not');
  if (/No space left on device/.test(output)) throw Object.assign(new Error(output), { code: 'ENOSPC' });
  throw new UserError(
    'device',
    `${program} ${parameters.slice(0, 3).join(' ')} failed (exit code ${code})\n\n${output.trim()}`,
    whenItFails === undefined ? {} : { hint: whenItFails },
  );
}

function missingTool(program: string, problem: string): UserError {
  const packages = DEBIAN_PACKAGE[program] ?? program;
  return new UserError('device', `${problem}; installing the engine needs it`, {
    hint: `On Debian or Ubuntu: sudo apt install ${packages}. Without it everything runs on the portable engine, slowly.`,
  });
}

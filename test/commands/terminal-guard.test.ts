import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { buildDist } from './dist.js';

let module: string;
beforeAll(() => {
  module = pathToFileURL(path.join(buildDist(), 'commands/terminal-guard.js')).href;
});

/** What stands on stderr when a process that did this is gone, and the guard with it. */
function stderrAfter(code: string): Promise<string> {
  const script = `const { guardTerminal } = await import('${module}');
    const guard = guardTerminal(process.stderr, process.stdin);
    ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  // The guard holds stderr open as long as it lives.
  return new Promise((resolve) => child.on('close', () => resolve(text)));
}

test('a killed process gives the terminal back, once and only where it held it', async () => {
  const kill = "process.kill(process.pid, 'SIGKILL')";
  expect(await stderrAfter(`guard.hold('<back>'); ${kill}`)).toBe('<back>');
  expect(await stderrAfter(`guard.hold('<back>'); guard.release(); ${kill}`)).toBe('');
  expect(await stderrAfter(`guard.hold('<a>'); guard.release(); guard.hold('<b%s>'); ${kill}`)).toBe('<b%s>');
});

test('it keeps no process that is at its end, and is silent then', async () => {
  expect(await stderrAfter("guard.hold('<back>'); guard.release()")).toBe('');
});

import { expect, it } from 'vitest';
import { runTool } from '../../src/engine/run-tool.js';
import { UserError } from '../../src/errors.js';

it('names the package of a program that is missing', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nowhere';
  try {
    const failure = runTool('python3', []);
    await expect(failure).rejects.toThrow('python3 was not found');
    await expect(failure).rejects.toMatchObject({
      hint: 'On Debian or Ubuntu: sudo apt install python3 python3-pip. Without it everything runs on the portable engine, slowly.',
    });
  } finally {
    process.env.PATH = PATH;
  }
});

it('shows the end of what a failing program printed', async () => {
  const failure = runTool(
    process.execPath,
    ['-e', 'console.error("no such wheel"); process.exit(3)'],
    'Give it.',
  );
  await expect(failure).rejects.toThrow(/failed \(exit code 3\)\s+no such wheel/);
  await expect(failure).rejects.toBeInstanceOf(UserError);
  await expect(failure).rejects.toMatchObject({ hint: 'Give it.' });
});

it('names pip when python3 lacks it', async () => {
  const failure = runTool(process.execPath, [
    '-e',
    'console.error("python3: No module named pip"); process.exit(1)',
  ]);
  await expect(failure).rejects.toThrow('its pip module is not');
});

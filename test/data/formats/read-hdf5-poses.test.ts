import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildDist, importBuilt } from '../../commands/dist.js';

const golden = (name: string) => join(import.meta.dirname, 'golden', name);
const isInstalled = await import('h5wasm/node' as string).then(
  () => true,
  () => false,
);
const { readHdf5Poses } = await importBuilt<typeof import('../../../src/data/formats/read-hdf5-poses.js')>(
  'data/formats/read-hdf5-poses.js',
);

describe.skipIf(!isInstalled)('readHdf5Poses', () => {
  it('reads several files at once as one after the other', async () => {
    const jobs = [
      ['deeplabcut-h5', 'dlc-fixed.h5'],
      ['sleap-h5', 'sleap.h5'],
      ['deeplabcut-h5', 'dlc-table.h5'],
    ] as const;
    const together = await Promise.all(jobs.map(([format, name]) => readHdf5Poses(format, golden(name))));
    for (const [at, [format, name]] of jobs.entries())
      expect(await readHdf5Poses(format, golden(name))).toEqual(together[at]);
    expect(together.map(({ frames }) => frames)).toEqual([5, 4, 5]);
  });

  it('hands on what the reader says, with its kind and hint', async () => {
    await expect(readHdf5Poses('sleap-h5', golden('dlc-fixed.h5'))).rejects.toMatchObject({
      name: 'UserError',
      kind: 'data',
      message: expect.stringMatching(/dlc-fixed\.h5: node_names is missing/),
    });
    await expect(readHdf5Poses('sleap-h5', 'absent.h5')).rejects.toThrow(/absent\.h5 cannot be opened/);
  });

  it('does not keep its process from ending', () => {
    const reader = pathToFileURL(join(buildDist(), 'data/formats/read-hdf5-poses.js'));
    const script = `const { readHdf5Poses } = await import('${reader}');
      console.log((await readHdf5Poses('sleap-h5', ${JSON.stringify(golden('sleap.h5'))})).frames);`;
    const path = join(mkdtempSync(join(tmpdir(), 'h5-')), 'read.mjs');
    writeFileSync(path, script);
    const { status, stdout } = spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 50_000 });
    expect([status, stdout]).toEqual([0, '4\n']);
  });

  // bytes of the good file at which version 2.0 of the library aborts, and at which it never comes to an end
  it.each([
    [2184, 1, 60_000, /broken\.h5 is damaged: the HDF5 library broke at it/],
    [2192, 0, 500, /broken\.h5 is damaged: the HDF5 library did not come to an end/],
  ])('reads on after a file that is damaged at byte %i', async (at, value, limitMs, message) => {
    const path = join(mkdtempSync(join(tmpdir(), 'h5-')), 'broken.h5');
    writeFileSync(path, readFileSync(golden('sleap-standard.h5')).fill(value, at, at + 1));
    await expect(readHdf5Poses('sleap-h5', path, limitMs)).rejects.toThrow(message);
    expect((await readHdf5Poses('sleap-h5', golden('sleap-standard.h5'))).frames).toBe(4);
  });
});

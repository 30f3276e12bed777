import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportDataset } from '../../src/data/export-dataset.js';
import { importDataset } from '../../src/data/import-dataset.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { writeCalms21Json } from '../../src/data/simulate/write-calms21-json.js';
import { openDataset } from '../../src/data/store/open-dataset.js';

const isShort = process.env.WHISKER_LONG_TESTS !== '1';
const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const environment = join(caches, 'whisker', 'numpy-reader');
const python = join(environment, 'bin', 'python');

/** Compares what NumPy reads with the JSON files, as the official script makes arrays of them. */
const COMPARE = `
import json, sys, warnings
warnings.simplefilter("error")
import numpy
folder, json_files = sys.argv[1], sys.argv[2:]
arrays = 0
for path in json_files:
    with open(path) as file:
        expected = json.load(file)
    name = path.split("/")[-1].replace(".json", ".npy")
    found = numpy.load(f"{folder}/{name}", allow_pickle=True).item()
    assert type(found) is dict and list(found) == list(expected), name
    for group, sequences in expected.items():
        assert list(found[group]) == list(sequences), (name, group)
        for id, sequence in sequences.items():
            assert set(found[group][id]) == set(sequence), id
            for field, value in sequence.items():
                own = found[group][id][field]
                if field == "metadata":
                    assert own == value, (id, own, value)
                    continue
                array = numpy.array(value)
                assert (own.dtype, own.shape) == (array.dtype, array.shape), (id, field, own.dtype, own.shape)
                assert numpy.array_equal(own.astype("f4"), array.astype("f4"), equal_nan=True), (id, field)
                own += 1  # arrays can be written to
                arrays += 1
print(arrays)
`;

function call(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed:\n${stderr.slice(-2000)}`);
  return stdout;
}

describe.skipIf(isShort)('exported .npy files in Python', () => {
  const root = mkdtempSync(join(tmpdir(), 'calms21-npy-'));

  beforeAll(() => {
    if (!existsSync(python)) call('python3', '-m', 'venv', environment);
    call(python, '-m', 'pip', 'install', '--quiet', 'numpy');
  }, 600_000);
  afterAll(() => rmSync(root, { recursive: true }));

  it('hold what the JSON files hold, in the types of the official script', async () => {
    const options = { seed: 1, sizes: CALMS21_SIZES.tiny, indent: 0 };
    const json = await writeCalms21Json(join(root, 'json'), options, () => {});
    const settings = { format: 'calms21', name: 'c', files: ['json'], contents: [] } as const;
    await importDataset(settings, join(root, 'store'), { baseFolder: root, overwrite: false });
    const dataset = openDataset(join(root, 'store'));
    await exportDataset(dataset, join(root, 'npy'), { format: 'calms21-npy' });
    dataset.close();
    // 29 recordings of keypoints and scores, 27 of them with annotations
    expect(call(python, '-c', COMPARE, join(root, 'npy'), ...json).trim()).toBe('85');
  });
});

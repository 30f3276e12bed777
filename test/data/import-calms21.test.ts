import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packZip } from '../../src/data/formats/zip-entries.js';
import { importDataset } from '../../src/data/import-dataset.js';
import type { Calms21ImportSettings } from '../../src/data/import-settings.js';
import { openDataset } from '../../src/data/store/open-dataset.js';
import { verifyDataset } from '../../src/data/store/verify-dataset.js';
import { exampleSequence, SOCIAL_VOCAB } from './formats/calms21-text.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'import-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const calms21: Calms21ImportSettings = { format: 'calms21', name: 'calms21', files: ['raw'], contents: [] };

describe('importing CalMS21', () => {
  const write = (name: string, content: unknown) => {
    mkdirSync(join(root, 'raw', name, '..'), { recursive: true });
    const text = JSON.stringify(content);
    writeFileSync(join(root, 'raw', name), name.endsWith('.gz') ? gzipSync(text) : `\ufeff${text}`);
  };
  const options = {
    overwrite: false,
    get baseFolder() {
      return root;
    },
  };

  it('reads a zip archive as macOS packs it, with a hidden file beside each', async () => {
    const name = 'calms21_unlabeled_videos_part1.json';
    const content = JSON.stringify({ unlabeled_videos: { u1: exampleSequence(13, 3, null) } });
    const files = [
      { name: `videos/${name}`, bytes: Buffer.from(content) },
      { name: `__MACOSX/videos/._${name}`, bytes: Buffer.from('\0\x05\x16\x07') },
    ];
    mkdirSync(join(root, 'raw'));
    writeFileSync(join(root, 'raw/unlabeled_videos.zip'), packZip(files));
    await importDataset(calms21, join(root, 'set'), options);
    const dataset = openDataset(join(root, 'set'));
    expect(dataset.recordings.map(({ id, frames }) => [id, frames])).toEqual([['u1', 13]]);
    dataset.close();
  });

  it('puts whatever is there into one data set and tells what is missing', async () => {
    write('a/calms21_task1_train.json', {
      'annotator-id_0': { 'task1/train/m1': exampleSequence(96, 1, SOCIAL_VOCAB) },
    });
    write('calms21_task3_test.json.gz', {
      approach: { 'task3/m2': exampleSequence(1, 2, { other: 0, approach: 1 }) },
    });
    write('calms21_unlabeled_videos_part1.json', { unlabeled_videos: { u1: exampleSequence(13, 3, null) } });
    write('taskprog_features_task1_train.json', {});
    const seen: number[] = [];
    const folder = join(root, 'set');
    const result = await importDataset(calms21, folder, {
      ...options,
      onProgress: ({ phase, bytesRead, bytesTotal }) => phase === 'read' && seen.push(bytesRead / bytesTotal),
    });
    expect(seen.at(-1)).toBe(1);
    expect(result.notes).toHaveLength(1);
    expect(result.notes[0]).toMatch(/calms21_task1_test\.json, calms21_task2_train\.json.*3 of the 4 parts/);
    const dataset = openDataset(folder);
    expect(dataset.header.tracks.map((track) => track.name).slice(0, 2)).toEqual(['task1', 'task3/approach']);
    expect(dataset.recordings.map(({ id, subset, frames, tracks }) => [id, subset, frames, tracks])).toEqual([
      ['task1/train/m1', 'task1/train', 96, ['task1']],
      ['task3/m2', 'task3/approach/test', 1, ['task3/approach']],
      ['u1', 'unlabelled', 13, []],
    ]);
    expect(dataset.recordings[1].source.file).toBe('raw/calms21_task3_test.json.gz');
    dataset.close();
    await verifyDataset(folder);
    expect((await importDataset(calms21, folder, options)).status).toBe('present');
    write('calms21_unlabeled_videos_part1.json', { unlabeled_videos: { u2: exampleSequence(13, 4, null) } });
    await expect(importDataset(calms21, folder, options)).rejects.toThrow(/already holds a different/);
  });

  it('takes rules for names that say nothing', async () => {
    write('mine.json', { 'annotator-id_0': { m1: exampleSequence(2, 1, SOCIAL_VOCAB) } });
    await expect(importDataset(calms21, join(root, 'set'), options)).rejects.toThrow(
      /none of the files is named/,
    );
    const settings = { ...calms21, contents: [{ match: '^mine', task: 1, split: 'test' } as const] };
    await importDataset(settings, join(root, 'set'), options);
    expect(openDataset(join(root, 'set')).recordings[0].subset).toBe('task1/test');
  });

  it('leaves nothing when a file is broken, and names it', async () => {
    write('calms21_task1_train.json', {
      'annotator-id_0': { m1: exampleSequence(2, 1, SOCIAL_VOCAB), m2: {} },
    });
    const importing = importDataset(calms21, join(root, 'set'), options);
    await expect(importing).rejects.toThrow(/calms21_task1_train\.json, recording m2 .*has no keypoints/);
    expect(readdirSync(root)).toEqual(['raw']);
  });
});

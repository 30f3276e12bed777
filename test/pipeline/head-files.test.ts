import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Dataset } from '../../src/data/store/dataset.js';
import { calms21Tasks } from '../../src/evaluation/protocols/calms21.js';
import { ownBehaviour } from '../../src/evaluation/protocols/own-behaviour.js';
import { loadHeads, refuseSharedFiles, saveHeads } from '../../src/pipeline/head-files.js';
import { trainedFolder } from '../../src/pipeline/trained-folder.js';

/** A run with the heads of one split; a binary head of two features has three coefficients. */
function writeHeads(coefficients: readonly (number | null)[], changed: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'heads-'));
  const standardiser = { mean: { float64: [0, 0] }, scale: { float64: [1, 1] } };
  const values = { float64: coefficients };
  const head = {
    ...{ kind: 'binary', classNames: ['other', 'a'], strength: 1 },
    ...{ standardiser, coefficients: { columns: 1, width: 2, values } },
  };
  const part = { fitted: null, head };
  const stored = {
    ...{ format: 'whisker-heads', version: 4, whole: null },
    splits: [{ split: 'test', parts: [part, part], shares: [0.25, 0.75] }],
    ...changed,
  };
  mkdirSync(join(folder, 'heads'));
  writeFileSync(join(folder, 'heads', 'a_encoder_seed_1.json'), JSON.stringify(stored));
  return folder;
}
const load = (folder: string) => loadHeads(folder, 'a', 'encoder', 1);

it('heads come back as they were written', () => {
  const [{ parts, shares }] = load(writeHeads([0.1, 0.2, 0.3])).splits;
  expect(parts[0].head.coefficients.values).toEqual(Float64Array.of(0.1, 0.2, 0.3));
  expect(shares).toEqual([0.25, 0.75]);
});

it('heads of version 3, which had no shares, count alike; older ones are refused', () => {
  expect(load(writeHeads([0.1, 0.2, 0.3], { version: 3 })).splits[0].shares).toEqual([0.5, 0.5]);
  expect(() => load(writeHeads([0.1, 0.2, 0.3], { version: 2 }))).toThrow(/no heads of version 4, got 2/);
});

it.each([
  ['a coefficient is gone', writeHeads([0.1, 0.2])],
  ['one is no number', writeHeads([0.1, null, Number.NaN])],
  ['the splits are something else', writeHeads([], { splits: 'none' })],
])('heads of which %s are refused by the name of their file', (_, folder) => {
  expect(() => load(folder)).toThrow(/a_encoder_seed_1\.json is damaged/);
});

it.each([
  ['攻撃', '探索'],
  ['sniff', 'sniff?'],
])('heads of the tracks %s and %s lie in files of their own', (...tracks) => {
  const folder = mkdtempSync(join(tmpdir(), 'heads-'));
  const dataset = { header: {}, recordings: [], hash: '0' } as unknown as Dataset;
  for (const name of tracks) {
    const open = { task: ownBehaviour(trackOf(name), ALL), splits: [], whole: null };
    saveHeads(folder, {
      ...{ open, dataset, features: 'encoder', seed: 1, encoders: [], heads: [], whole: null },
    });
  }
  expect(tracks.map((name) => loadHeads(folder, name, 'encoder', 1).task.name)).toEqual(tracks);
  const place = { runFolder: folder, row: 'conv-net', seed: 1, few: '', shifted: false };
  expect(new Set(tracks.map((name) => trainedFolder(place, name, 'fold 0'))).size).toBe(2);
});

const ALL = { folds: 2, subset: null, unscored: [] };
const trackOf = (name: string) => ({ name, vocabulary: ['other', name] });

it.each([
  ['sniff face', 'sniff_face'],
  ['sniff/face', 'sniff & face'],
  ['sniff', 'sniff_kinematics'],
])('tracks that would share a file are refused with what to do: %s and %s', (...tracks) => {
  const rows = ['raw-pose', 'kinematics & raw-pose'];
  expect(() => refuseSharedFiles(tracks, rows)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('protocol.tracks') }),
  );
  expect(() => refuseSharedFiles(tracks, rows)).toThrow(tracks[1]);
});

it('tasks of CalMS21 share no file, whatever the rows', () => {
  const rows = ['encoder', 'encoder & kinematics', 'random-encoder+raw-pose', 'conv-net'];
  refuseSharedFiles(
    calms21Tasks().map(({ name }) => name),
    rows,
  );
});

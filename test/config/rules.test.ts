import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadKind, type SettingsKind } from '../../src/config/kinds.js';
import { type Problem, SettingsError } from '../../src/config/problem.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'whisker-rules-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function problemsIn(kind: SettingsKind, text: string, overrides: readonly string[] = []): readonly Problem[] {
  const file = path.join(folder, 'a.yaml');
  writeFileSync(file, text);
  try {
    loadKind(kind, { file, overrides, environment: {} });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems;
  }
  return [];
}

/** `line:column path` of every problem. */
function placesIn(kind: SettingsKind, text: string, overrides: readonly string[] = []): readonly string[] {
  return problemsIn(kind, text, overrides).map(({ origin, path }) => {
    const place = origin.from === 'file' ? `${origin.line}:${origin.column}` : origin.from;
    return `${place} ${path.join('.')}`;
  });
}

const PRETRAIN = 'kind: pretrain\nname: a\ndata: {folder: d}\n';
const FINETUNE = 'kind: finetune\nname: a\ndata: {folder: d}\n';
const OBJECTIVES = (...lines: string[]) => `objectives:\n${lines.map((line) => `  - ${line}\n`).join('')}`;

describe('what only builders used to know', () => {
  test.each([
    ['window: {windowFrames: 63, patchFrames: 2}', '4:24 window.windowFrames'],
    ['window: {patchFrames: 3}', '4:23 window.patchFrames'],
    ['encoder: {width: 100, heads: 3}', '4:18 encoder.width'],
    ['encoder: {heads: 3}', '4:18 encoder.heads'],
    ['encoder: {type: temporalConv, kernelTokens: 4}', '4:45 encoder.kernelTokens'],
    ['inputs: {pose: false, motion: false}', '4:9 inputs'],
    ['targets: {pose: false, motion: false}', '4:10 targets'],
    [OBJECTIVES('{type: masked, maskRatio: 0.999}'), '5:31 objectives.0.maskRatio'],
    [OBJECTIVES('{type: masked, decoder: {width: 33}}'), '5:37 objectives.0.decoder.width'],
    [OBJECTIVES('{type: masked, decoder: {layers: 0}}'), '5:38 objectives.0.decoder.layers'],
    [
      `${OBJECTIVES('{type: masked, decoder: {layers: 0}}')}encoder: {type: mlp}`,
      '5:38 objectives.0.decoder.layers',
    ],
    [OBJECTIVES('{type: masked}', '{type: masked}'), '6:12 objectives.1.type'],
    [OBJECTIVES('{type: teacher}'), '5:5 objectives'],
    [OBJECTIVES('{type: teacher, layers: 5}'), '5:29 objectives.0.layers'],
    [`${OBJECTIVES('{type: teacher}')}encoder: {type: mlp}`, '6:10 encoder'],
    [
      `${OBJECTIVES('{type: teacher, layers: 3}')}encoder: {type: temporalConv, dilations: [1, 2]}`,
      '5:29 objectives.0.layers',
    ],
    [OBJECTIVES('{type: denoised, visibleWeight: 0}'), '5:37 objectives.0.visibleWeight'],
    ['training: {finalLearningRate: 1}', '4:31 training.finalLearningRate'],
    ['training: {learningRate: 1.0e-6}', '4:26 training.learningRate'],
    ['probe: {monitor: {metric: sprad}}', '4:27 probe.monitor.metric'],
    ['probe: {monitor: {metric: neighbours agree}}', '4:27 probe.monitor.metric'],
  ])('%j', (lines, place) => {
    const places = placesIn('pretrain', PRETRAIN + lines);
    // An objective with another mask beside it contradicts it too; what is asked for comes first or is the only one.
    expect(places).toContain(place === '5:5 objectives' ? places[0] : place);
    expect(places.length).toBeGreaterThan(0);
  });

  test('a weight of 0 for seen tokens suits an encoder of all tokens, and a window without a mask', () => {
    const only = `${PRETRAIN}${OBJECTIVES('{type: denoised, visibleWeight: 0}')}`;
    expect(placesIn('pretrain', `${only}encoder: {type: temporalConv}`)).toEqual([]);
    expect(placesIn('pretrain', only.replace('visibleWeight', 'maskRatio: 0, visibleWeight'))).toEqual([]);
    const taught = `${PRETRAIN}${OBJECTIVES('{type: teacher, layers: 4}')}training: {averageDecay: 0.99}`;
    expect(placesIn('pretrain', taught)).toEqual([]);
  });

  test('objectives share one mask: told at the later one', () => {
    const text = OBJECTIVES(
      '{type: masked, maskRatio: 0.5, spanTokens: 2}',
      '{type: denoised, maskRatio: 0.4, spanTokens: 2}',
    );
    expect(placesIn('pretrain', PRETRAIN + text)).toEqual(['6:33 objectives.1.maskRatio']);
  });

  test('half a batch of neighbours', () => {
    const text = `${OBJECTIVES('{type: contrastive, positives: {kind: neighbours}}')}training: {batchWindows: 33}`;
    expect(placesIn('pretrain', PRETRAIN + text)).toEqual(['6:26 training.batchWindows']);
  });

  test('futures begin behind the window, and share the batch in equal parts', () => {
    const text = `${OBJECTIVES('{type: future, horizonsSeconds: [2, 4]}')}training: {batchWindows: 32}`;
    expect(placesIn('pretrain', PRETRAIN + text)).toEqual([
      '5:37 objectives.0.horizonsSeconds',
      '6:26 training.batchWindows',
    ]);
    const wide = 'inputs: {context: {scalesSeconds: [1, 5]}}\n';
    const far = `${OBJECTIVES('{type: future, horizonsSeconds: [12, 13, 14]}')}${wide}`;
    expect(placesIn('pretrain', PRETRAIN + far)).toEqual(['5:37 objectives.0.horizonsSeconds']);
    expect(placesIn('pretrain', PRETRAIN + far.replace('[12,', '[12.2,'))).toEqual([]);
  });

  test('remainders lie below their divisor', () => {
    const text =
      'kind: pretrain\nname: a\ndata: {folder: d, holdOut: {modulo: {divisor: 5, remainders: [0, 5]}}}';
    expect(placesIn('pretrain', text)).toEqual(['3:66 data.holdOut.modulo.remainders.1']);
  });

  test('blocks of a recording lie further apart than windows reach, where blocks may be folds', () => {
    const heads = (more: string) =>
      placesIn('finetune', `${FINETUNE}run: r\nprotocol: {type: own, tracks: [b]}\n${more}`);
    const wide = 'features: {pooling: {statistics: moments, scalesSeconds: [0, 30]}}';
    expect(heads(wide)).toEqual(['6:58 features.pooling.scalesSeconds']);
    expect(heads('head: {gapSeconds: 1}')).toEqual(['6:20 head.gapSeconds']);
    expect(heads(`${wide}\nhead: {gapSeconds: 30}`)).toEqual([]);
    expect(heads(`${wide}\nhead: {foldUnit: recording}`)).toEqual([]);
    const ofEncoder = 'features: {encoderPooling: {statistics: moments, scalesSeconds: [17]}}';
    expect(heads(ofEncoder)).toEqual(['6:65 features.encoderPooling.scalesSeconds']);
  });

  test('a sweep names each seed once', () => {
    const sweep = 'kind: sweep\nname: a\npretrain: p.yaml\nseeds: ';
    expect(placesIn('sweep', `${sweep}[0, 1, 0]`)).toEqual(['4:8 seeds']);
    expect(placesIn('sweep', `${sweep}[0, 1]`)).toEqual([]);
  });

  test('heads: a run for encoders, one for each fold, tracks named once', () => {
    const own = 'protocol: {type: own, tracks: [b, b], folds: 3}\n';
    expect(placesIn('finetune', `${FINETUNE}${own}run: [x, y]`)).toEqual([
      '4:35 protocol.tracks.1',
      '5:6 run',
    ]);
    expect(placesIn('finetune', `${FINETUNE}protocol: {type: calms21}`)).toEqual(['1:1 run']);
    const rats = (parts: string, runs: string) =>
      `${FINETUNE}protocol: {type: rats, parts: [${parts}]}\nrun: [${runs}]`;
    expect(placesIn('finetune', rats('folds, four-videos', 'a, b, c, d, e'))).toEqual([
      '4:39 protocol.parts.1',
    ]);
    expect(placesIn('finetune', rats('folds, four-videos-by-fold', 'a, b'))).toEqual(['5:6 run']);
    expect(placesIn('finetune', rats('folds, four-videos-by-fold', 'a, b, c, d, e'))).toEqual([]);
  });

  test('import: names that nothing bears, patterns that are none', () => {
    const text = `kind: import
name: a
out: o
source:
  format: deeplabcut-csv
  name: x
  files: [a]
  recordingId: "(("
  framesPerSecond: [{match: "[", value: 30}]
  skeleton: {keypoints: [a, b], front: [c], back: [b], mirrorPairs: [[a, d]]}
  animals: {names: [x], rename: {y: z}, identity: ordered}
  annotations:
    - {format: boris, files: [a], tracks: [{name: t, vocabulary: [a, b], background: none}]}
`;
    expect(placesIn('import', text)).toEqual([
      '8:16 source.recordingId',
      '9:29 source.framesPerSecond.0.match',
      '10:41 source.skeleton.front.0',
      '10:74 source.skeleton.mirrorPairs.0.1',
      '11:37 source.animals.rename.y',
      '13:86 source.annotations.0.tracks.0.background',
    ]);
  });
});

test('contradictions are told beside everything else that is wrong', () => {
  const text = `${PRETRAIN}sede: 1\nencoder: {width: 100, heads: 3, layrs: 2}\nengine: {mode: fast}\nwindow: {patchFrames: 3}\n`;
  expect(placesIn('pretrain', text)).toEqual([
    '4:1 sede',
    '5:18 encoder.width',
    '5:33 encoder.layrs',
    '6:16 engine.mode',
    '7:23 window.patchFrames',
  ]);
});

test('a rule keeps quiet where a setting that it reads is wrong by itself', () => {
  expect(placesIn('pretrain', `${PRETRAIN}encoder: {width: 100, heads: none}`)).toEqual([
    '4:30 encoder.heads',
  ]);
});

test('what the command line says is where a contradiction is told', () => {
  expect(placesIn('pretrain', `${PRETRAIN}encoder: {width: 64}`, ['encoder.heads=5'])).toEqual([
    'override encoder.heads',
  ]);
});

test('a contradiction that is told at another setting names its own', () => {
  const problems = problemsIn('pretrain', `${PRETRAIN}encoder: {width: 64}`, ['encoder.heads=5']);
  expect(problems.map(({ expected }) => expected)).toEqual([
    'encoder.width must be a multiple of encoder.heads (5), got 64: 65, for example',
  ]);
  const both = problemsIn('pretrain', `${PRETRAIN}encoder: {width: 64, heads: 5}`);
  expect(both.map(({ expected }) => expected)).toEqual([
    'must be a multiple of encoder.heads (5), got 64: 65, for example',
  ]);
});

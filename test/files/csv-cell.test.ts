import { describe, expect, it } from 'vitest';
import { writeBorisEvents } from '../../src/data/formats/boris.js';
import { writeBoutsCsv } from '../../src/data/formats/bouts-csv.js';
import { writeFramesCsv } from '../../src/data/formats/frames-csv.js';
import { formatDeepLabCutCsv } from '../../src/data/formats/write-deeplabcut-csv.js';
import { csvCell, csvLines } from '../../src/files/csv-cell.js';
import { renderCurveCsv } from '../../src/report/curve.js';
import { renderCsv } from '../../src/report/table.js';

const FORMULA = /(^|,)"?[=+@-](?!\d)/m;

describe('csvCell', () => {
  it('keeps spreadsheets from running text', () => {
    const texts = ['=1+1', '+x', '-x', '@x', '\tx', '-1+cmd', 'x=1'];
    expect(texts.map(csvCell)).toEqual(["'=1+1", "'+x", "'-x", "'@x", "'\tx", "'-1+cmd", 'x=1']);
  });

  it('leaves numbers as they are', () => {
    const texts = ['-1', '+2.5', '-.5', '-1e-7', '-Infinity'];
    expect(texts.map(csvCell)).toEqual(texts);
    expect([-0.25, -1e-7, Number.NaN].map(csvCell)).toEqual(['-0.25', '-1e-7', 'NaN']);
  });

  it('quotes what would break a row, after making it inert', () => {
    expect(csvLines([['=a,b', 'say "x"', 'one\ntwo', -1]])).toBe(`"'=a,b","say ""x""","one\ntwo",-1\n`);
  });
});

describe('names in csv files', () => {
  const streams = [{ name: '@track', bouts: [{ name: '=cmd', start: 0, stop: 2, where: '' }] }];

  it('are inert in labels and poses', () => {
    const text = [
      writeFramesCsv([{ name: '@track', vocabulary: ['=cmd'], labels: Int16Array.of(0, 0) }]),
      writeBoutsCsv(streams),
      writeBorisEvents(streams, { id: '+id', frames: 2, framesPerSecond: 30 }),
      ...formatDeepLabCutCsv(
        {
          ...{ animals: ['-mouse'], keypoints: ['=nose'], frames: 1 },
          pose: Float32Array.of(-1.5, 2),
        },
        '@scorer',
      ),
    ].join('');
    for (const name of ["'@track", "'=cmd", "'+id", "'-mouse", "'=nose", "'@scorer"])
      expect(text).toContain(name);
    expect(text).toContain('\n0,-1.5,2\n');
    expect(text).not.toMatch(FORMULA);
  });

  it('are inert in tables and curves of results', () => {
    const cell = { value: -0.5, interval: null };
    const row = { name: 'raw-pose', status: 'measured', cells: [cell], seeds: 1, flags: [] } as const;
    const table = { columns: [{ title: '=own F1' }], rows: [row], differences: [], notes: [] };
    expect(renderCsv(table as never)).toContain(`measured,raw-pose,,'=own F1,-0.5,`);
    const point = { amount: '-x', trainedFrames: 9, perSeed: [{ seed: 1, value: -0.5 }] };
    const line = { row: 'raw-pose', group: '@own', metric: 'f1', points: [point] };
    expect(renderCurveCsv({ amounts: ['-x'], lines: [line] } as never)).toContain(
      `raw-pose,'@own,f1,'-x,9,1,-0.5`,
    );
  });
});

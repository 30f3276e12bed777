import { describe, expect, it } from 'vitest';
import {
  type Bout,
  findBouts,
  type Painting,
  paintBouts,
  timeToFrame,
} from '../../../src/data/formats/bouts.js';
import {
  readCaltechAnnotations,
  writeCaltechAnnotations,
} from '../../../src/data/formats/caltech-annotations.js';
import { UserError } from '../../../src/errors.js';
import { seededRandom } from '../../../src/random.js';

const painting: Painting = {
  track: { name: 'S1', vocabulary: ['base', 'social', 'attack'] },
  rename: { aggression: 'attack' },
  ignore: ['noise'],
  background: null,
  beyondEnd: 'refuse',
};
const bout = (name: string, start: number, stop: number, where = 'line 1'): Bout => ({
  name,
  start,
  stop,
  where,
});
const paint = (bouts: Bout[], frames: number, changes: Partial<Painting> = {}) =>
  paintBouts(bouts, frames, { ...painting, ...changes }, 'a.txt');

describe('paintBouts', () => {
  it('paints half open intervals and leaves the rest unannotated', () => {
    const bouts = [bout('base', 1, 3), bout('aggression', 3, 4), bout('noise', 0, 9)];
    expect(paint(bouts, 6)).toEqual({ labels: Int16Array.of(-1, 0, 0, 2, -1, -1), framesCut: 0 });
    expect(paint(bouts, 6, { background: 'social' }).labels).toEqual(Int16Array.of(1, 0, 0, 2, 1, 1));
  });

  it('cuts at the end of the recording only when told', () => {
    const bouts = [bout('base', 1, 5), bout('social', 7, 9)];
    expect(() => paint(bouts, 3)).toThrow(/a\.txt, line 1: the bout ends at frame 5, the recording has 3/);
    expect(paint(bouts, 3, { beyondEnd: 'cut' })).toEqual({ labels: Int16Array.of(-1, 0, 0), framesCut: 4 });
  });

  it('names both places of an overlap, and a class that is not in the vocabulary', () => {
    const overlap = [bout('base', 0, 3, 'line 4'), bout('social', 2, 5, 'line 5')];
    expect(() => paint(overlap, 9)).toThrow('a.txt, line 5: frame 2 is social here and base at line 4');
    expect(() => paint([bout('sociall', 0, 1)], 9)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('to social?') }),
    );
    expect(paint([bout('base', 0, 3), bout('base', 2, 4)], 4).labels).toEqual(Int16Array.of(0, 0, 0, 0));
  });

  it('is undone by findBouts', () => {
    const random = seededRandom(1, 'bouts');
    for (let count = 0; count < 100; count++) {
      const labels = Int16Array.from({ length: 1 + random.integer(40) }, () => random.integer(4) - 1);
      const bouts = findBouts(labels, painting.track.vocabulary);
      expect(paint(bouts, labels.length).labels).toEqual(labels);
    }
  });
});

describe('timeToFrame', () => {
  it('counts a frame to the bout in which its middle lies', () => {
    // at 10 fps frame 3 lasts from 0.3 to 0.4, its middle is 0.35
    expect(timeToFrame(0.34, 10)).toBe(3);
    expect(timeToFrame(0.35, 10)).toBe(3);
    expect(timeToFrame(0.36, 10)).toBe(4);
    expect(timeToFrame(0, 30)).toBe(0);
  });

  it.each([30, 29.97, 25, 59.94])(
    'takes back every frame boundary that was printed at %f fps',
    (framesPerSecond) => {
      const times = Array.from({ length: 20_000 }, (_, frame) =>
        Number((frame / framesPerSecond).toFixed(3)),
      );
      expect(times.findIndex((seconds, frame) => timeToFrame(seconds, framesPerSecond) !== frame)).toBe(-1);
    },
  );
});

describe('Caltech annotation files', () => {
  const text = [
    'Caltech Behavior Annotator - Annotation File',
    '',
    'Configuration file:',
    'base\tz',
    '',
    'S1:\tstart\tend\ttype',
    '-----------------------------',
    '   \t1\t594\tbase',
    '   \t595\t595\tsocial',
    '  ',
    'S2:\tstart\tend\ttype',
    '-----------------------------',
    '   \t1\t10\tbase',
    '  ',
  ];

  it.each(['\n', '\r\n'])('count from 1 with both ends inclusive (%j)', (end) => {
    expect(readCaltechAnnotations(text.join(end), 'a.txt')).toEqual([
      { name: 'S1', bouts: [bout('base', 0, 594, 'line 8'), bout('social', 594, 595, 'line 9')] },
      { name: 'S2', bouts: [bout('base', 0, 10, 'line 13')] },
    ]);
  });

  it('come back as they were written', () => {
    const streams = readCaltechAnnotations(text.join('\n'), 'a.txt');
    const written = writeCaltechAnnotations(streams);
    const withoutLines = (of: typeof streams) =>
      of.map(({ name, bouts }) => ({ name, bouts: bouts.map(({ where: _, ...rest }) => rest) }));
    expect(withoutLines(readCaltechAnnotations(written, 'b.txt'))).toEqual(withoutLines(streams));
    expect(written).toContain('\r\n   \t595\t595\tsocial\r\n');
  });

  it.each([
    ['another file', ['hello'], /line 1: expected "Caltech/],
    ['a stop before its start', text.with(7, '\t5\t4\tbase'), /line 8: expected "start end type"/],
    ['frame 0', text.with(7, '\t0\t4\tbase'), /line 8/],
    ['no type', text.with(7, '\t1\t4\t'), /line 8/],
    ['no streams', text.slice(0, 4), /no stream/],
    ['a stream twice', text.with(10, 'S1:\tstart\tend\ttype'), /stream S1 is there twice/],
  ])('are refused with %s', (_, lines, message) => {
    expect(() => readCaltechAnnotations(lines.join('\n'), 'a.txt')).toThrow(message);
    expect(() => readCaltechAnnotations(lines.join('\n'), 'a.txt')).toThrow(UserError);
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBentoAnnotations, writeBentoAnnotations } from '../../../src/data/formats/bento-annotations.js';
import { readBorisEvents, writeBorisEvents } from '../../../src/data/formats/boris.js';
import { type AnnotationStream, paintBouts, toStream } from '../../../src/data/formats/bouts.js';
import {
  type BoutsCsvLayout,
  OWN_BOUTS_CSV,
  readBoutsCsv,
  writeBoutsCsv,
} from '../../../src/data/formats/bouts-csv.js';
import {
  readCaltechAnnotations,
  writeCaltechAnnotations,
} from '../../../src/data/formats/caltech-annotations.js';
import { OWN_FRAMES_CSV, readFramesCsv, writeFramesCsv } from '../../../src/data/formats/frames-csv.js';
import { seededRandom } from '../../../src/random.js';

const VOCABULARY = ['other', 'attack', 'sniff face'];

/** Labels of -1 to 2 in runs of random length. */
function randomTrack(name: string, frames: number, seed: number) {
  const random = seededRandom(seed, name);
  const labels = new Int16Array(frames);
  for (let frame = 0; frame < frames; ) {
    const stop = frame + 1 + random.integer(20);
    labels.fill(random.integer(4) - 1, frame, stop);
    frame = stop;
  }
  return { name, vocabulary: VOCABULARY, labels };
}

const labelsOf = (streams: readonly AnnotationStream[], name: string, frames: number) => {
  const bouts = streams.find((stream) => stream.name === name)?.bouts ?? [];
  const track = { name, vocabulary: VOCABULARY };
  return paintBouts(
    bouts,
    frames,
    { track, rename: {}, ignore: [], background: null, beyondEnd: 'refuse' },
    'f',
  ).labels;
};

const bouts = (streams: readonly AnnotationStream[]) =>
  streams.map(({ name, bouts }) => [name, ...bouts.map((bout) => [bout.name, bout.start, bout.stop])]);

describe('label tracks come back frame by frame from', () => {
  type Track = ReturnType<typeof randomTrack>;
  const formats: [string, (tracks: Track[], fps: number) => AnnotationStream[]][] = [
    ['Caltech', (tracks) => readCaltechAnnotations(writeCaltechAnnotations(tracks.map(toStream)), 'f')],
    [
      'Bento',
      (tracks, framesPerSecond) => {
        const recording = { frames: tracks[0].labels.length, framesPerSecond };
        return readBentoAnnotations(writeBentoAnnotations(tracks.map(toStream), recording), 'f');
      },
    ],
    [
      'BORIS',
      (tracks, framesPerSecond) => {
        const recording = { id: 'mouse, "one"', frames: tracks[0].labels.length, framesPerSecond };
        const text = writeBorisEvents(tracks.map(toStream), recording);
        return readBorisEvents(text, 'f', { framesPerSecond, timeOffsetSeconds: 'file' });
      },
    ],
    [
      'bouts csv',
      (tracks, fps) => readBoutsCsv(writeBoutsCsv(tracks.map(toStream)), 'f', OWN_BOUTS_CSV, fps),
    ],
    ['frames csv', (tracks) => readFramesCsv(writeFramesCsv(tracks), 'f', OWN_FRAMES_CSV)],
  ];
  it.each(formats)('%s', (_, roundTrip) => {
    for (const frames of [1, 13, 96, 2000])
      for (const fps of [30, 29.97, 59.94, 25]) {
        const tracks = [randomTrack('S1', frames, fps), randomTrack('S2', frames, fps + 1)];
        const streams = roundTrip(tracks, fps);
        for (const { name, labels } of tracks) expect(labelsOf(streams, name, frames)).toEqual(labels);
      }
  });
});

describe('readBorisEvents', () => {
  const options = { framesPerSecond: 10, timeOffsetSeconds: 0 } as const;
  const tabular = (events: string[], before = '') =>
    `Observation id,o1\n${before}Time,Media file path,Total length,FPS,Subject,Behavior,Comment,Status\n${events
      .map((event) => event.replace('|', ',a.avi,60,10.0,'))
      .join('\n')}\n`;

  it('pairs starts and stops of each subject and behaviour', () => {
    const events = [
      '1.0|m1,sniff,,START',
      '1.5|m2,sniff,,START',
      '2.0|m1,sniff,,STOP',
      '2.5|m2,sniff,,STOP',
      '3.0|m1,bite,,POINT',
    ];
    expect(bouts(readBorisEvents(tabular(events), 'f', options))).toEqual([
      ['m1', ['sniff', 10, 20], ['bite', 30, 31]],
      ['m2', ['sniff', 15, 25]],
    ]);
  });

  it('takes off the offset that the file tells, only when told', () => {
    const text = tabular(['1.0|m,a,,START', '2.0|m,a,,STOP'], 'Time offset (s),0.5\n');
    expect(bouts(readBorisEvents(text, 'f', options))).toEqual([['m', ['a', 10, 20]]]);
    const fromFile = readBorisEvents(text, 'f', { framesPerSecond: 10, timeOffsetSeconds: 'file' });
    expect(bouts(fromFile)).toEqual([['m', ['a', 5, 15]]]);
  });

  it('refuses events that the offset moves to before the video, rounding aside', () => {
    const read = (first: string) =>
      readBorisEvents(tabular([`${first}|m,a,,START`, '70|m,a,,STOP'], 'Time offset (s),60\n'), 'f', {
        framesPerSecond: 10,
        timeOffsetSeconds: 'file',
      });
    expect(bouts(read('59.99'))).toEqual([['m', ['a', 0, 100]]]);
    expect(() => read('59')).toThrow('f, line 4: 59 less the time offset of 60 s is before the video begins');
  });

  it('reads the newer tables, aggregated events, semicolons and decimal commas', () => {
    const newer =
      'Observation id;Observation date;Time offset (s);Subject;Behavior;Behavior type;Time;FPS (frame/s)\n' +
      'o1;d;0,5;m;a;START;1,0;10,0\no1;d;0,5;m;a;STOP;2,0;10,0\n';
    const fromFile = { framesPerSecond: 10, timeOffsetSeconds: 'file' } as const;
    expect(bouts(readBorisEvents(newer, 'f', fromFile))).toEqual([['m', ['a', 5, 15]]]);
    const aggregated =
      'Observation id\tSubject\tBehavior\tBehavior type\tStart (s)\tStop (s)\n' +
      'o1\tm\ta\tSTATE\t1.0\t2.0\no1\tm\tb\tPOINT\t3.04\t3.04\n';
    expect(bouts(readBorisEvents(aggregated, 'f', options))).toEqual([['m', ['a', 10, 20], ['b', 30, 31]]]);
  });

  it.each([
    ['a start without a stop', ['1|m,a,,START'], /line 3: a never stops/],
    ['a stop without a start', ['1|m,a,,STOP'], /line 3: a stops, but it did not start/],
    ['two starts', ['1|m,a,,START', '2|m,a,,START'], /line 4: a starts, but it started on line 3/],
    ['a word for a time', ['x|m,a,,START'], /line 3: "x" is not a number/],
    ['another status', ['1|m,a,,PAUSE'], /expected START, STOP or POINT, got "PAUSE"/],
    [
      'another frame rate',
      ['1,a.avi,60,25.0,m,a,,START'],
      /the file has 25 frames per second, the recording 10/,
    ],
  ])('names the line for %s', (_, events, message) => {
    expect(() => readBorisEvents(tabular(events), 'f.csv', options)).toThrow(message);
  });

  it('refuses several observations in one file, and files that are something else', () => {
    const text = 'Observation id,Subject,Behavior,Start (s),Stop (s)\no1,m,a,1,2\no2,m,a,1,2\n';
    expect(() => readBorisEvents(text, 'f', options)).toThrow(/several observations: o1, o2/);
    expect(() => readBorisEvents('a,b\n1,2\n', 'f', options)).toThrow(
      /no line with the columns Behavior and Time/,
    );
  });
});

describe('readBoutsCsv', () => {
  const layout: BoutsCsvLayout = {
    columns: { start: 'from', stop: 'to', behaviour: 'what', stream: null },
    unit: 'frames',
    firstFrame: 1,
    stopIs: 'inclusive',
    where: { who: 'resident' },
  };
  const text = 'who;what;from;to\nresident;"bite;hard";1;3\nintruder;bite;1;9\nresident;bite;4;4\n';

  it('turns numbers from 1 with inclusive stops into ours, and leaves other rows out', () => {
    expect(bouts(readBoutsCsv(text, 'f', layout, 30))).toEqual([['', ['bite;hard', 0, 3], ['bite', 3, 4]]]);
  });

  it('reads seconds with decimal commas', () => {
    const seconds = { ...layout, unit: 'seconds', where: {} } as const;
    expect(bouts(readBoutsCsv('what;from;to\na;0,5;1,26\n', 'f', seconds, 10))).toEqual([['', ['a', 5, 13]]]);
  });

  it.each([
    [text.replace('1;3', '3;1'), /line 2: from 3 to 1 is no interval/],
    [text.replace('1;3', '0;3'), /line 2: from 0 to 3 is no interval/],
    [text.replace('1;3', '1;3.5'), /line 2: 3\.5 is not a whole frame number/],
    [text.replace('from', 'start'), /no column from\n {2}its columns: who, what, start, to/],
    [text.replace('hard"', 'hard'), /line 2: a quote is opened and never closed/],
  ])('names the line of what is wrong (%#)', (wrong, message) => {
    expect(() => readBoutsCsv(wrong, 'f', layout, 30)).toThrow(message);
  });
});

describe('readFramesCsv', () => {
  it('reads one stream a column; empty cells and frames left out are in no bout', () => {
    const text = 'frame,a,b\r\n1,x,0\r\n2,x,1\r\n3,,1\r\n5,x,1\r\n';
    expect(bouts(readFramesCsv(text, 'f', { frameColumn: 'frame', firstFrame: 1 }))).toEqual([
      ['a', ['x', 0, 2], ['x', 4, 5]],
      ['b', ['0', 0, 1], ['1', 1, 3], ['1', 4, 5]],
    ]);
  });

  it('counts lines without text where the lines are the frames', () => {
    const layout = { frameColumn: null, firstFrame: 0 } as const;
    const expected = [['a', ['x', 0, 1], ['y', 3, 4]]];
    expect(bouts(readFramesCsv('\na\nx\n\n""\ny\n\n\n', 'f', layout))).toEqual(expected);
    expect(bouts(readFramesCsv('a,b\r\nx,\r\n,\r\n,\r\ny,\r\n\r\n', 'f', layout))).toEqual([
      ...expected,
      ['b'],
    ]);
    expect(() => readFramesCsv('a,b\nx,x\n\ny,y\n', 'f', layout)).toThrow(/line 3: 1 cells, expected 2/);
    expect(bouts(readFramesCsv('frame,a\n0,x\n\n1,x\n', 'f', OWN_FRAMES_CSV))).toEqual([['a', ['x', 0, 2]]]);
  });
});

describe('readBentoAnnotations', () => {
  const text = (header: string, rows: string) =>
    `Bento annotation file\nMovie file(s): a.avi\n\nStimulus name: \n${header}\nAnnotation framerate: 30.000000\n\n` +
    `List of channels:\nCh1\n\nList of annotations:\nattack\n\nCh1----------\n>attack\nStart\t Stop\t Duration \n${rows}\n\n`;

  it('counts frames from 1, both ends inclusive', () => {
    const frames = text('Annotation start frame: 1\nAnnotation stop frame: 99', '1\t10\t9\n20\t20\t1');
    expect(bouts(readBentoAnnotations(frames, 'f'))).toEqual([
      ['Ch1', ['attack', 0, 10], ['attack', 19, 20]],
    ]);
  });

  it('reads seconds where the file is in seconds, and refuses to guess', () => {
    const header = 'Annotation start time: 3.3e-02\nAnnotation stop time: 9.9';
    // frame n is at n / 30 seconds: frames 3 to 6, counted from 1
    expect(bouts(readBentoAnnotations(text(header, '0.1\t0.2\t0.1'), 'f'))).toEqual([
      ['Ch1', ['attack', 2, 6]],
    ]);
    expect(() => readBentoAnnotations(text(header, '3\t6\t3'), 'f')).toThrow(/says that it holds seconds/);
  });
});

const real = process.env.WHISKER_REAL_DATA ?? '../shared/data';
if (!existsSync(real)) console.warn(`skipped: real annotation files, ${real} is absent`);

describe.skipIf(!existsSync(real))('real annotation files', () => {
  it('BORIS: 663 frames of interact in the tracked video', () => {
    const folder = join(real, 'ethome/boris');
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'utf8');
      const [stream, ...others] = readBorisEvents(text, name, {
        framesPerSecond: 30,
        timeOffsetSeconds: 'file',
      });
      expect([stream.name, others]).toEqual(['adult', []]);
      if (name.includes('122332'))
        expect(stream.bouts.reduce((sum, { start, stop }) => sum + stop - start, 0)).toBe(663);
    }
  });

  it.each([
    ['train', 70, { attack: 14_043, investigation: 146_623, mount: 28_622 }, 507_738],
    ['test', 19, { attack: 12_630, investigation: 61_280, mount: 31_850 }, 262_107],
  ])('bouts of the CalMS21 %s split add up to the published counts', (split, sequences, counts, total) => {
    const layout: BoutsCsvLayout = {
      columns: { start: 'start', stop: 'stop', behaviour: 'category', stream: 'group' },
      unit: 'frames',
      firstFrame: 0,
      stopIs: 'inclusive',
      where: { actor: 'resident', recipient: 'intruder' },
    };
    const text = readFileSync(join(real, `calms21/mice_${split}_annotations.csv`), 'utf8');
    const streams = readBoutsCsv(text, split, layout, 30);
    expect(streams).toHaveLength(sequences);
    const frames: Record<string, number> = {};
    for (const { name, start, stop } of streams.flatMap((stream) => stream.bouts))
      frames[name] = (frames[name] ?? 0) + stop - start;
    // this copy of the labels lost a few short bouts to `none`
    for (const [name, published] of Object.entries(counts))
      expect(published - frames[name], name).toBeOneOf([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Object.values(frames).reduce((sum, count) => sum + count)).toBe(total);
  });

  it('Caltech: the trial of every rat video lasts 12,000 frames', () => {
    const folder = join(real, 'rats/annotations');
    const names = readdirSync(folder);
    expect(names).toHaveLength(40);
    const classes = new Set<string>();
    let subtyped = 0;
    for (const name of names) {
      const streams = readCaltechAnnotations(readFileSync(join(folder, name), 'utf8'), name);
      const trial = streams[0].bouts.filter((bout) => bout.name !== 'base');
      expect(trial.reduce((sum, { start, stop }) => sum + stop - start, 0)).toBe(12_000);
      expect(streams[0].bouts[0].start).toBe(0);
      for (const bout of streams[0].bouts) classes.add(bout.name);
      if (streams.some((stream) => stream.name === 'S2')) subtyped++;
    }
    expect(classes).toEqual(new Set(['base', 'aggression', 'social', 'nonsocial']));
    expect(subtyped).toBeGreaterThan(20);
  });
});

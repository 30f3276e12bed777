import { UserError } from '../../errors.js';
import type { AnnotationStream, Bout } from './bouts.js';
import { splitLines } from './csv-text.js';

const TITLE = 'Caltech Behavior Annotator - Annotation File';

/**
 * Reads a file of the Caltech Behavior Annotator: a list of behaviours, then streams S1, S2, ... of lines
 * `start end type`. Its frames count from 1 and both ends are inclusive; ours count from 0 and are half open.
 * Throws a UserError that names the line.
 */
export function readCaltechAnnotations(text: string, path: string): AnnotationStream[] {
  const lines = splitLines(text);
  if (!lines[0]?.startsWith('Caltech Behavior Annotator'))
    throw new UserError(
      'data',
      `${path}, line 1: expected "${TITLE}", got ${JSON.stringify(lines[0].slice(0, 60))}`,
    );
  const streams: { name: string; bouts: Bout[] }[] = [];
  for (const [index, line] of lines.entries()) {
    const heading = /^(\S+):\s+start\s+end\s+type\s*$/i.exec(line);
    if (heading) {
      if (streams.some((stream) => stream.name === heading[1]))
        throw new UserError('data', `${path}, line ${index + 1}: stream ${heading[1]} is there twice`);
      streams.push({ name: heading[1], bouts: [] });
    } else if (streams.length > 0 && line.trim() !== '' && !/^-+\s*$/.test(line))
      streams[streams.length - 1].bouts.push(readLine(line, index + 1, path));
  }
  if (streams.length === 0)
    throw new UserError('data', `${path} has no stream (a line "S1:  start  end  type")`);
  return streams;
}

function readLine(line: string, number: number, path: string): Bout {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S(?:.*\S)?)\s*$/.exec(line);
  const [start, end] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (!match || start < 1 || end < start || !Number.isSafeInteger(end))
    throw new UserError(
      'data',
      `${path}, line ${number}: expected "start end type" with 1 <= start <= end, got ${JSON.stringify(line.slice(0, 60))}`,
    );
  return { name: match[3], start: start - 1, stop: end, where: `line ${number}` };
}

/**
 * Writes streams as the Caltech Behavior Annotator does, with CRLF. Every behaviour needs a key of one letter there;
 * letters are given in order. The program wants every frame covered, so frames without a bout should be a class. Throws a
 * UserError for names that can't stand in such a file.
 */
export function writeCaltechAnnotations(streams: readonly AnnotationStream[]): string {
  const names = [...new Set(streams.flatMap(({ bouts }) => bouts.map(({ name }) => name)))];
  for (const name of names)
    if (!/^\S(.*\S)?$/.test(name))
      throw new UserError('data', `${JSON.stringify(name)} cannot be a behaviour of the Caltech annotator`);
  for (const { name } of streams)
    if (!/^[^\s:]+$/.test(name))
      throw new UserError('data', `${JSON.stringify(name)} cannot be a stream of the Caltech annotator`);
  const keys = 'abcdefghijklmnopqrstuvwxyz';
  const lines = [
    TITLE,
    '',
    'Configuration file:',
    ...names.map((name, at) => `${name}\t${keys[at % keys.length]}`),
  ];
  for (const { name, bouts } of streams) {
    lines.push('', `${name}:\tstart\tend\ttype`, '-----------------------------');
    for (const bout of bouts) lines.push(`   \t${bout.start + 1}\t${bout.stop}\t${bout.name}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

import { existsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recording } from '../pose.js';
import {
  type Calms21Options,
  countFrames,
  type PlannedFile,
  type PlannedGroup,
  planCalms21,
} from './calms21-plan.js';
import { type Beginning, beginFiles, FIRST_CALL, writeNewFile } from './new-files.js';
import { simulateRecording } from './simulate-recording.js';

/** The files have no place for missing points. */
export interface WriteCalms21Options extends Omit<Calms21Options, 'missingShare'> {
  /** Spaces an indent has: 4 as in the published files (2.4 kB a frame), 0 for compact ones (0.85 kB). */
  readonly indent: number;
}

/** Told after every recording. */
export interface WriteCalms21Progress {
  readonly file: string;
  readonly recording: string;
  /** Over all files. */
  readonly framesDone: number;
  readonly framesTotal: number;
}

const POINTS = 7;
const FRAME_VALUES = 28;
const FLUSH_CHARACTERS = 1 << 20;

/**
 * Writes a simulated CalMS21 in the native JSON layout: `{ group: { id: { keypoints, scores, annotations, metadata }}}`
 * with keypoints [frame, animal, space, keypoint]. A file is written beside its name and renamed when it is whole.
 * @returns the paths of the files, in the order written
 * @throws UserError where a file is already there, or can't be written
 */
export async function writeCalms21Json(
  folder: string,
  options: WriteCalms21Options,
  onProgress: (progress: WriteCalms21Progress) => void,
  beginning: Beginning = FIRST_CALL,
): Promise<string[]> {
  const files = planCalms21({ ...options, missingShare: 0 });
  const paths = files.map(({ name }) => join(folder, name));
  await beginFiles(paths, beginning);
  const framesTotal = countFrames(files);
  let framesDone = 0;
  for (const [index, file] of files.entries()) {
    const path = paths[index];
    if (existsSync(path)) {
      framesDone += countFrames([file]);
      continue;
    }
    await writeNewFile(path, (handle) =>
      writeFile(handle, file, options.indent, (recording, frames) => {
        framesDone += frames;
        onProgress({ file: file.name, recording, framesDone, framesTotal });
      }),
    );
  }
  return paths;
}

async function writeFile(
  handle: FileHandle,
  file: PlannedFile,
  indent: number,
  onRecording: (id: string, frames: number) => void,
): Promise<void> {
  const out = new JsonText(handle, indent);
  out.open('{');
  for (const group of file.groups) {
    out.key(group.name);
    out.open('{');
    for (const spec of group.recordings) {
      out.key(spec.id);
      await writeRecording(out, group, simulateRecording(spec));
      onRecording(spec.id, spec.frames);
    }
    out.close('}');
  }
  out.close('}');
  await out.flush();
}

async function writeRecording(out: JsonText, group: PlannedGroup, recording: Recording): Promise<void> {
  const { pose, scores, frames } = recording;
  out.open('{');
  out.key('keypoints');
  out.open('[');
  for (let frame = 0; frame < frames; frame++) {
    out.open('[');
    for (let animal = 0; animal < 2; animal++) {
      out.open('[');
      for (let axis = 0; axis < 2; axis++) {
        out.numbers(pose, FRAME_VALUES * frame + 2 * POINTS * animal + axis, POINTS, 2);
      }
      out.close(']');
    }
    out.close(']');
    await out.flushWhenLong();
  }
  out.close(']');
  out.key('scores');
  out.open('[');
  for (let frame = 0; scores !== undefined && frame < frames; frame++) {
    out.open('[');
    out.numbers(scores, 2 * POINTS * frame, POINTS, 1);
    out.numbers(scores, 2 * POINTS * frame + POINTS, POINTS, 1);
    out.close(']');
    await out.flushWhenLong();
  }
  out.close(']');
  if (group.labelled !== undefined) {
    const { annotatorId, track } = group.labelled;
    const labels = recording.labels.get(track.name) ?? new Int16Array(0);
    out.key('annotations');
    out.numbers(labels, 0, labels.length, 1);
    out.key('metadata');
    out.open('{');
    out.number('annotator-id', annotatorId);
    out.key('vocab');
    out.open('{');
    for (const [value, name] of track.vocabulary.entries()) {
      out.number(name, value);
    }
    out.close('}');
    out.close('}');
  }
  out.close('}');
  await out.flushWhenLong();
}

/** JSON text as Python's json.dump lays it out, indented or compact; numbers are float32 values printed as doubles. */
class JsonText {
  private text = '';
  private depth = 0;
  private isFirst = true;
  private afterKey = false;

  constructor(
    private readonly handle: FileHandle,
    private readonly indent: number,
  ) {}

  open(bracket: '{' | '['): void {
    this.startItem();
    this.text += bracket;
    this.depth++;
    this.isFirst = true;
  }

  close(bracket: '}' | ']'): void {
    this.depth--;
    if (!this.isFirst) {
      this.text += this.lineStart();
    }
    this.text += bracket;
    this.isFirst = false;
  }

  key(name: string): void {
    this.startItem();
    this.text += `${JSON.stringify(name)}: `;
    this.afterKey = true;
  }

  number(name: string, value: number): void {
    this.key(name);
    this.afterKey = false;
    this.text += value;
  }

  /** An array of `count` values, every `stride`-th from `offset`. */
  numbers(values: Float32Array | Int16Array, offset: number, count: number, stride: number): void {
    this.open('[');
    const start = this.lineStart();
    const separator = this.indent > 0 ? `,${start}` : ', ';
    let text = start;
    for (let index = 0; index < count; index++) {
      text += index === 0 ? values[offset] : separator + values[offset + index * stride];
    }
    this.text += text;
    this.isFirst = count === 0;
    this.close(']');
  }

  async flushWhenLong(): Promise<void> {
    if (this.text.length > FLUSH_CHARACTERS) {
      await this.flush();
    }
  }

  async flush(): Promise<void> {
    const text = this.text;
    this.text = '';
    await this.handle.writeFile(text);
  }

  private startItem(): void {
    if (this.afterKey) {
      this.afterKey = false;
      return;
    }
    if (!this.isFirst) {
      this.text += this.indent > 0 ? ',' : ', ';
    }
    if (this.depth > 0) {
      this.text += this.lineStart();
    }
    this.isFirst = false;
  }

  private lineStart(): string {
    return this.indent > 0 ? `\n${' '.repeat(this.indent * this.depth)}` : '';
  }
}

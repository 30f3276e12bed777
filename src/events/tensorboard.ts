import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import path from 'node:path';
import { maskedCrc32c } from './crc32c.js';
import type { Observer } from './emitter.js';
import type { RunEvent } from './event.js';

/**
 * A TensorBoard event file: TFRecords of `Event` messages (tensorflow/core/util/event.proto) that hold scalars
 * (`Summary.Value.simple_value`). Only what TensorBoard reads is written.
 */
export interface TensorBoardLog extends Observer {
  close(): void;
}

export interface TensorBoardOptions {
  readonly folder: string;
  /** The step that a resumed run goes on from: TensorBoard then forgets what earlier files say of later ones; null: a new run. */
  readonly resumedStep: number | null;
  /** Unix time; part of the file's name. */
  readonly nowSeconds: () => number;
  readonly host: string;
}

/** Creates a new event file. @throws Error when it can't be created */
export function openTensorBoardLog(options: TensorBoardOptions): TensorBoardLog {
  const began = options.nowSeconds();
  const stamp = String(laterThanAll(options.folder, Math.floor(began))).padStart(10, '0');
  const file = path.join(options.folder, `events.out.tfevents.${stamp}.${options.host}.${process.pid}`);
  const descriptor = openSync(file, 'a');
  let isOpen = true;
  let step = Math.max(0, options.resumedStep ?? 0);
  const write = (event: Uint8Array): void => {
    if (isOpen) writeSync(descriptor, frameRecord(event));
  };
  write(encodeMessage([doubleField(1, began), textField(3, 'brain.Event:2')]));
  if (options.resumedStep !== null) {
    // SessionLog.START: later steps of earlier files are void.
    const session = encodeMessage([varintField(1, 1)]);
    write(
      encodeMessage([
        doubleField(1, began),
        varintField(2, options.resumedStep + 1),
        messageField(7, session),
      ]),
    );
  }
  return {
    name: file,
    receive(event) {
      if ('step' in event) step = event.step;
      const scalars = scalarsOf(event);
      if (scalars.length > 0) write(encodeScalars(options.nowSeconds(), step, scalars));
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

const FILE_NAME = /^events\.out\.tfevents\.(\d+)\./;

/** TensorBoard reads the files of a run in the order of their names, so a clock that was set back must not count. */
function laterThanAll(folder: string, stamp: number): number {
  const stamps = readdirSync(folder).map((name) => Number(FILE_NAME.exec(name)?.[1] ?? -1));
  return Math.max(stamp, ...stamps.map((earlier) => earlier + 1));
}

/** What TensorBoard shows of an event: [tag, value]. */
export function scalarsOf(event: RunEvent): readonly (readonly [string, number])[] {
  switch (event.type) {
    case 'step':
      return [
        ['loss/total', event.loss],
        ...Object.entries(event.parts).map(([name, value]) => [`loss/${name}`, value] as const),
        ['optimiser/learningRate', event.learningRate],
        ['optimiser/gradientNorm', event.gradientNorm],
        ['speed/windowsPerSecond', event.windowsPerSecond],
        ['speed/framesPerSecond', event.framesPerSecond],
        ['speed/waitingShare', event.waitingShare],
        ['memoryBytes', event.memoryBytes],
      ];
    case 'guard':
      return Object.entries(event.metrics).map(([name, { value }]) => [`guard/${name}`, value] as const);
    case 'result':
      return Object.entries(event.metrics).map(
        ([name, value]) => [`result/${event.task}/${event.features}/${name}`, value] as const,
      );
    default:
      return [];
  }
}

function encodeScalars(
  seconds: number,
  step: number,
  scalars: readonly (readonly [string, number])[],
): Uint8Array {
  const values = scalars.map(([tag, value]) =>
    messageField(1, encodeMessage([textField(1, tag), floatField(2, value)])),
  );
  return encodeMessage([
    doubleField(1, seconds),
    varintField(2, step),
    messageField(5, encodeMessage(values)),
  ]);
}

/** uint64 length, masked crc of those 8 bytes, data, masked crc of the data; all little-endian. */
function frameRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(8 + 4 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return record;
}

// Protocol buffer wire format: a key (field << 3 | type), then the value.

function encodeMessage(fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function varintField(field: number, value: number): Uint8Array {
  return Buffer.from([field << 3, ...varint(value)]);
}

function doubleField(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(9, (field << 3) | 1);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

function floatField(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(5, (field << 3) | 5);
  bytes.writeFloatLE(value, 1);
  return bytes;
}

function textField(field: number, text: string): Uint8Array {
  return messageField(field, Buffer.from(text, 'utf8'));
}

function messageField(field: number, message: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(message.length)]), message]);
}

/** Seven bits a byte, lowest first; the top bit says that more follow. */
function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

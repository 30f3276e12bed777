import type { RunEvent } from '../events/event.js';
import { encodeEvent } from '../events/event-log.js';
import { printable, printableLine } from '../events/printable.js';
import { sayAsCalled } from './called-as.js';

/** How a command was asked to speak. */
export interface OutputOptions {
  /** Results as one JSON document on stdout, errors as one on stderr. */
  readonly json: boolean;
  /** Lines in place of the screen. */
  readonly plain: boolean;
  /** No messages; results and errors only. */
  readonly quiet: boolean;
}

export interface TextStream {
  write(text: string): unknown;
}

/** Where a command speaks: results to stdout, everything else to stderr. Control characters never get through. */
export interface Output extends OutputOptions {
  /** The command's result: `data` with `--json`, else `text`. */
  result(data: unknown, text: string | (() => string)): void;
  /**
   * An event of a run, with `--json`: a line of JSON on stdout. After events the result is a line as well:
   * `{"type":"result","result":...}`.
   */
  event(event: RunEvent): void;
  /** Something that a person may want to know while it runs. */
  message(text: string): void;
  /** Commands that make sense now. */
  next(...commands: readonly string[]): void;
}

export function createOutput(
  options: OutputOptions,
  streams: {
    readonly stdout: TextStream;
    readonly stderr: TextStream;
    /** How the program was called: advice says it so. */
    readonly called: string;
  },
): Output {
  const say = (text: string): string => sayAsCalled(printable(text), printable(streams.called));
  let hasEvents = false;
  return {
    ...options,
    result(data, text) {
      const body = options.json
        ? hasEvents
          ? printableJson({ type: 'result', result: data })
          : printableJson(data, 2)
        : printable(typeof text === 'function' ? text() : text);
      if (body !== '') streams.stdout.write(body.endsWith('\n') ? body : `${body}\n`);
    },
    event(event) {
      if (!options.json) return;
      hasEvents = true;
      streams.stdout.write(`${escapeUnprintable(encodeEvent(event))}\n`);
    },
    message(text) {
      if (!options.quiet) streams.stderr.write(`${say(text)}\n`);
    },
    next(...commands) {
      if (options.quiet || options.json || commands.length === 0) return;
      streams.stderr.write(`\nNext:\n${commands.map((command) => `  ${say(command)}\n`).join('')}`);
    },
  };
}

/** JSON whose texts hold nothing that a terminal takes for a command: what JSON leaves as it is stands as an escape. */
export function printableJson(data: unknown, indent?: number): string {
  return escapeUnprintable(JSON.stringify(data, null, indent) ?? 'null');
}

function escapeUnprintable(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Rows as columns that line up, two spaces apart; the last column isn't padded. */
export function formatColumns(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(printableLine));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] + 2)))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

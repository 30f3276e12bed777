import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from '../../src/commands/command.js';
import { runShell } from '../../src/commands/shell.js';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A line of the list in `main.ts`. */
export interface ListedCommand {
  /** `config`, or '' where the command stands by itself. */
  readonly group: string;
  readonly usage: string;
  /** In `src/commands`, without its ending. */
  readonly file: string;
}

/** The list in `main.ts`, which runs when it is imported. */
export function listedCommands(): readonly ListedCommand[] {
  const list = readFileSync(path.join(PROJECT, 'src', 'main.ts'), 'utf8');
  const lines = list.matchAll(
    / {4}name: '(\w+)',|usage: '(.+)',\s+summary: .+,\s+load: \(\) => import\('\.\/commands\/(.+)\.js'\)|^ {4}\],/gm,
  );
  let group = '';
  return [...lines].flatMap(([text, name, usage, file]) => {
    if (usage === undefined) group = name ?? '';
    return usage === undefined || text === '' ? [] : [{ group, usage, file }];
  });
}

export interface ParsedCall extends ListedCommand {
  readonly command: Command;
  /** What the command would get. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * What the shell itself makes of a call's words, the program's name left out.
 * @throws UserError (`usage`) for words that make no sense
 */
export async function parseCall(words: readonly string[]): Promise<ParsedCall> {
  const listed = listedCommands().find(({ group, usage }) => {
    const name = usage.split(' ', 1)[0];
    return group === '' ? words[0] === name : words[0] === group && words[1] === name;
  });
  if (listed === undefined) throw new Error(`${words.slice(0, 2).join(' ')} is no command`);
  const { default: command }: { default: Command } = await import(`../../src/commands/${listed.file}.ts`);
  let values: ParsedCall['values'] = {};
  const run: Command['run'] = async (got) => {
    values = got;
  };
  const entry = { usage: listed.usage, summary: '', load: async () => ({ default: { ...command, run } }) };
  const silent = { write: () => true };
  await runShell(words, {
    entries: listed.group === '' ? [entry] : [{ name: listed.group, summary: '', commands: [entry] }],
    ...{ version: '', stdout: silent, stderr: silent, environment: {}, columns: 80, called: 'whisker' },
  });
  return { ...listed, command, values };
}

/** The words of a line as a shell splits it: quotes hold words together, nothing is expanded. */
export function splitWords(line: string): readonly string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

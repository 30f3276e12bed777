import yargs, { type Argv } from 'yargs';
import { nearest } from '../config/nearest.js';
import { UserError } from '../errors.js';
import type { Command, CommandContext, CommandEntry, CommandGroup } from './command.js';
import { createOutput, type TextStream } from './output.js';

export interface ShellOptions {
  readonly entries: readonly (CommandEntry | CommandGroup)[];
  readonly version: string;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly environment: NodeJS.ProcessEnv;
  /** Columns for the help texts. */
  readonly columns: number;
}

const GLOBAL_OPTIONS = {
  json: { type: 'boolean', default: false, describe: 'print the result as JSON' },
  plain: { type: 'boolean', default: false, describe: 'print lines, draw no screen' },
  quiet: { type: 'boolean', default: false, describe: 'print results and errors only' },
} as const;

/**
 * Reads the arguments and runs one command. Commands are loaded when they are called, so `--help` costs nothing.
 * @throws UserError (`usage`) for arguments that make no sense, and whatever the command throws
 */
export async function runShell(args: readonly string[], options: ShellOptions): Promise<void> {
  const called: Called = { usage: undefined, command: undefined };
  let printed = '';
  const fail = (message: string | null, error: Error | undefined): never => {
    if (error instanceof Error && error.name !== 'YError') throw error;
    throw usageError(message ?? error?.message ?? 'unknown arguments', options.entries, called);
  };
  const root = yargs([...args])
    .scriptName('whisker')
    .usage('$0 <command>\n\nLearns an encoder from unlabelled animal poses, and behaviours from few labels.')
    .locale('en')
    .parserConfiguration({
      'parse-positional-numbers': false,
      'dot-notation': false,
      'camel-case-expansion': false,
      'strip-aliased': true,
    })
    .options(GLOBAL_OPTIONS)
    .version(options.version)
    .help()
    .alias('help', 'h')
    .wrap(Math.min(options.columns, 110))
    .strict()
    .demandCommand(1, 'say which command')
    .exitProcess(false)
    .fail(fail)
    .epilogue('whisker <command> --help tells more. Results go to stdout, messages to stderr.');
  const run = async (command: Command, values: Readonly<Record<string, unknown>>): Promise<void> => {
    refuseDoubled(values, command);
    const { json, plain, quiet } = values as { json: boolean; plain: boolean; quiet: boolean };
    const context: CommandContext = {
      output: createOutput({ json, plain, quiet }, options),
      environment: options.environment,
    };
    await command.run(values, context);
  };
  for (const entry of options.entries) addEntry(root, entry, '', called, run);
  root.completion('completion', 'print a completion script for bash or zsh');
  await root.parseAsync([...args], {}, (_error: unknown, _argv: unknown, output: string) => {
    printed = output;
  });
  if (printed !== '') options.stdout.write(`${printed}\n`);
}

/** The command that is being called, as far as it is known. */
interface Called {
  usage: string | undefined;
  command: Command | undefined;
}

function addEntry(
  parent: Argv,
  entry: CommandEntry | CommandGroup,
  groupName: string,
  called: Called,
  run: (command: Command, values: Readonly<Record<string, unknown>>) => Promise<void>,
): void {
  if ('commands' in entry) {
    parent.command(entry.name, entry.summary, (group) => {
      for (const child of entry.commands) addEntry(group, child, `${entry.name} `, called, run);
      const names = entry.commands.map((child) => firstWord(child.usage)).join(', ');
      return group.demandCommand(1, `say which: ${names}`);
    });
    return;
  }
  const load = async (): Promise<Command> => {
    called.usage = `${groupName}${entry.usage}`;
    called.command = (await entry.load()).default;
    return called.command;
  };
  parent.command(
    entry.usage,
    entry.summary,
    async (child: Argv) => (await load()).declare(child),
    async (values) => run(await load(), values),
  );
}

function firstWord(usage: string): string {
  return usage.split(' ', 1)[0];
}

/** yargs makes a list of an option that is given twice; nobody means that. */
function refuseDoubled(values: Readonly<Record<string, unknown>>, command: Command): void {
  for (const name of [...Object.keys(GLOBAL_OPTIONS), ...command.singleOptions]) {
    if (Array.isArray(values[name])) throw new UserError('usage', `--${name} is given more than once`);
  }
}

/** A message about arguments, with the name that was probably meant. */
function usageError(
  message: string,
  entries: readonly (CommandEntry | CommandGroup)[],
  { usage, command }: Called,
): UserError {
  const name = usage?.replace(/ [<[].*/, '');
  const hint = name === undefined ? 'whisker --help' : `whisker ${name} --help`;
  const choice = /Argument: (\S+), Given: "(.*)", Choices: (.*)/.exec(message);
  if (choice !== null) {
    const [, argument, given, choices] = choice;
    const allowed = choices.replaceAll('"', '');
    const suggestion = meant(nearest(given, allowed.split(', ')));
    return new UserError('usage', `${argument} must be one of ${allowed}, got ${given}${suggestion}`, {
      hint,
    });
  }
  const unknown = /^Unknown (argument|command)s?: (.*)$/s.exec(message);
  if (message.startsWith('Not enough non-option arguments')) {
    return new UserError('usage', `something is missing: whisker ${usage}`, { hint });
  }
  if (unknown === null) return new UserError('usage', lowerFirst(message), { hint });
  const words = unknown[2].split(', ');
  const options = [...Object.keys(GLOBAL_OPTIONS), 'help', 'version', ...(command?.optionNames ?? [])];
  const commands = entries.flatMap((entry) =>
    'commands' in entry
      ? [entry.name, ...entry.commands.map((child) => firstWord(child.usage))]
      : [firstWord(entry.usage)],
  );
  const told = words.map((word) => {
    if (command === undefined) return `${word} is not a command${meant(nearest(word, commands))}`;
    const found = nearest(word, options);
    return `${word} is not an option of this command${meant(found === undefined ? undefined : `--${found}`)}`;
  });
  return new UserError('usage', told.join('\n'), { hint });
}

function meant(name: string | undefined): string {
  return name === undefined ? '' : `. Did you mean ${name}?`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

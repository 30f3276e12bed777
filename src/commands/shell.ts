import yargs, { type Argv } from 'yargs';
import { UserError } from '../errors.js';
import {
  type Command,
  type CommandContext,
  type CommandEntry,
  type CommandGroup,
  firstWord,
  GLOBAL_GROUP,
  GLOBAL_OPTIONS,
} from './command.js';
import { createOutput, type TextStream } from './output.js';
import { type Called, usageError } from './usage-error.js';

export interface ShellOptions {
  readonly entries: readonly (CommandEntry | CommandGroup)[];
  readonly version: string;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly environment: NodeJS.ProcessEnv;
  /** Columns for the help texts. */
  readonly columns: number;
  /** How the program was called: `whisker`, `npx whisker`. */
  readonly called: string;
}

/**
 * Reads the arguments and runs one command. Commands are loaded when they are called, so `--help` costs nothing.
 * @throws UserError (`usage`) for arguments that make no sense, and whatever the command throws
 */
export async function runShell(args: readonly string[], options: ShellOptions): Promise<void> {
  const called: Called = { usage: undefined, command: undefined };
  let printed = '';
  const fail = (message: string | null, error: Error | undefined): never => {
    if (error instanceof Error && error.name !== 'YError') throw error;
    throw usageError(message ?? error?.message ?? 'unknown arguments', options.entries, called, [...args]);
  };
  const root = yargs([...args])
    // The completion script has to bear the name of a single word, which is what it completes.
    .scriptName(args[0] === 'completion' ? 'whisker' : options.called)
    .usage('$0 <command>\n\nLearns an encoder from unlabelled animal poses, and behaviours from few labels.')
    .locale('en')
    .parserConfiguration({
      'parse-positional-numbers': false,
      'dot-notation': false,
      'camel-case-expansion': false,
      'strip-aliased': true,
    })
    .options(GLOBAL_OPTIONS)
    .version('version', 'print the versions of Whisker and its engines', options.version)
    .help('help', 'print this')
    .alias('help', 'h')
    .group([...Object.keys(GLOBAL_OPTIONS), 'version', 'help'], GLOBAL_GROUP)
    .wrap(Math.min(options.columns, 110))
    .strict()
    .demandCommand(1, 'say which command')
    .exitProcess(false)
    .fail(fail)
    .epilogue(epilogue(options.called));
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

/** Where to begin; every command tells the next. */
function epilogue(called: string): string {
  return [
    'Where to begin (every command names the next):',
    `  ${called} doctor       what this machine can do`,
    `  ${called} config init  settings for your own DeepLabCut or SLEAP files, by a few questions`,
    `  ${called} data simulate --preset own-lab --out videos  such files, to try it with`,
    '',
    `${called} <command> --help tells more. Results go to stdout, messages to stderr.`,
  ].join('\n');
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

/** yargs makes a list of an option that is given twice; nobody means that. */
function refuseDoubled(values: Readonly<Record<string, unknown>>, command: Command): void {
  for (const name of [...Object.keys(GLOBAL_OPTIONS), ...command.singleOptions]) {
    if (Array.isArray(values[name])) throw new UserError('usage', `--${name} is given more than once`);
  }
}

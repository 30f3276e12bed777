import type { Argv, InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import type { Output } from './output.js';

/** A line of the list of commands: enough for `--help`, so that nothing else is loaded for it. */
export interface CommandEntry {
  /** As yargs reads it: `pretrain <config> [settings..]`. */
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: Command }>;
}

/** Commands under one word: `config show`, `config check`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandEntry[];
}

/** Options of every command. */
export const GLOBAL_OPTIONS = {
  json: { type: 'boolean', default: false, describe: 'print the result as JSON' },
  plain: { type: 'boolean', default: false, describe: 'print lines, draw no screen' },
  quiet: { type: 'boolean', default: false, describe: 'print results and errors only' },
} as const;

/** The heading of options that every command has, below its own. */
export const GLOBAL_GROUP = 'Everywhere:';

/** What a command gets from outside. */
export interface CommandContext {
  readonly output: Output;
  readonly environment: NodeJS.ProcessEnv;
}

/** A command as the shell runs it. */
export interface Command {
  readonly optionNames: readonly string[];
  /** Those that take one value. */
  readonly singleOptions: readonly string[];
  readonly declare: (yargs: Argv) => Argv;
  /** A call that works as it stands, in the checkout, once the commands before it on the data's way have run. */
  readonly example: string;
  /** Ends by returning, or by throwing a `UserError` or `Interrupted`; never sets an exit code. */
  readonly run: (values: Readonly<Record<string, unknown>>, context: CommandContext) => Promise<void>;
}

interface CommandDefinition<
  Positionals extends Record<string, PositionalOptions>,
  Flags extends Record<string, Options>,
> {
  /** By the names of the usage line. */
  readonly positionals: Positionals;
  readonly options: Flags;
  /** One call that works, and what it does. */
  readonly example: readonly [command: string, says: string];
  readonly run: (values: InferredOptionTypes<Positionals & Flags>, context: CommandContext) => Promise<void>;
}

/** Makes a command whose `run` knows the types of its arguments. */
export function defineCommand<
  const Positionals extends Record<string, PositionalOptions>,
  const Flags extends Record<string, Options>,
>(definition: CommandDefinition<Positionals, Flags>): { readonly default: Command }['default'] {
  return {
    optionNames: Object.keys(definition.options),
    singleOptions: Object.entries(definition.options).flatMap(([name, { array }]) => (array ? [] : [name])),
    declare(yargs) {
      let declared = yargs;
      for (const [name, options] of Object.entries(definition.positionals))
        declared = declared.positional(name, options);
      const [command, says] = definition.example;
      // In a table of examples long ones would be broken: these can be copied.
      return declared
        .options(definition.options)
        .group(Object.keys(definition.options), 'Options:')
        .epilogue(`Example, ${says}:\n  ${command}`);
    },
    example: definition.example[0],
    run: (values, context) => definition.run(values as InferredOptionTypes<Positionals & Flags>, context),
  };
}

/** The positional of every command that takes `key=value`. */
export const SETTINGS_POSITIONAL = {
  type: 'string',
  array: true,
  default: [] as string[],
  describe: 'settings that win over the file, as key=value',
} as const satisfies PositionalOptions;

/** The name in a usage line. */
export function firstWord(usage: string): string {
  return usage.split(' ', 1)[0];
}

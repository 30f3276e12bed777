import { nearest } from '../config/nearest.js';
import { UserError } from '../errors.js';
import { type Command, type CommandEntry, type CommandGroup, firstWord, GLOBAL_OPTIONS } from './command.js';

/** The command that is being called, as far as it is known. */
export interface Called {
  usage: string | undefined;
  command: Command | undefined;
}

/** A message about arguments, with the name that was probably meant. */
export function usageError(
  message: string,
  entries: readonly (CommandEntry | CommandGroup)[],
  { usage, command }: Called,
  args: readonly string[],
): UserError {
  const name = usage?.replace(/ [<[].*/, '');
  const group = groupOf(args, entries);
  const hint = ['whisker', name ?? group?.name, '--help'].filter(Boolean).join(' ');
  const choice = /Argument: (\S+), Given: "(.*)", Choices: (.*)/.exec(message);
  if (choice !== null) {
    const [, argument, given, choices] = choice;
    const allowed = choices.replaceAll('"', '');
    const suggestion = meant(nearest(given, allowed.split(', ')));
    return new UserError('usage', `${argument} must be one of ${allowed}, got ${given}${suggestion}`, {
      hint,
    });
  }
  const missing = /^Missing required arguments?: (.*)$/s.exec(message);
  if (missing !== null) {
    const flags = missing[1].split(', ').map((flag) => `--${flag}`);
    return new UserError('usage', `${flags.join(' and ')} must be given`, { hint });
  }
  const unknown = /^Unknown (argument|command)s?: (.*)$/s.exec(message);
  if (message.startsWith('Not enough non-option arguments')) {
    return new UserError('usage', `something is missing: whisker ${usage}`, { hint });
  }
  if (unknown === null) return new UserError('usage', lowerFirst(message), { hint });
  const words = unknown[2].split(', ');
  if (command === undefined) {
    const word = group === undefined ? words[0] : (args[1] ?? words[0]);
    const suggestion = meant(nearestCommand(word, args, entries));
    return new UserError('usage', `${word} is not a command${suggestion}`, { hint });
  }
  const options = [...Object.keys(GLOBAL_OPTIONS), 'help', 'version', ...command.optionNames];
  const told = words.map((word) => {
    if (args.includes(word)) return `${word} is one argument too many`;
    const found = nearest(word, options);
    return `${word} is not an option of this command${meant(found === undefined ? undefined : `--${found}`)}`;
  });
  return new UserError('usage', told.join('\n'), { hint });
}

/** What other programs of the field call our commands. */
const SYNONYMS: Readonly<Record<string, string>> = {
  train: 'pretrain',
  fit: 'finetune',
  test: 'evaluate',
  score: 'evaluate',
  label: 'predict',
  download: 'data fetch',
  init: 'config init',
  new: 'config init',
  check: 'config check',
};

/** The command that a word was probably meant to be, in full: `data import` for `import` and for `data imprt`. */
function nearestCommand(
  word: string,
  args: readonly string[],
  entries: readonly (CommandEntry | CommandGroup)[],
): string | undefined {
  const group = groupOf(args, entries);
  const within = group?.commands.map((child) => `${group.name} ${firstWord(child.usage)}`) ?? [];
  const all = entries.flatMap((entry) =>
    'commands' in entry
      ? [entry.name, ...entry.commands.map((child) => `${entry.name} ${firstWord(child.usage)}`)]
      : [firstWord(entry.usage)],
  );
  const byLastWord = (names: readonly string[]) =>
    new Map(names.map((name) => [name.split(' ').at(-1) as string, name]).reverse() as [string, string][]);
  for (const names of [byLastWord(within), new Map([...Object.entries(SYNONYMS), ...byLastWord(all)])]) {
    const found = names.has(word) ? word : nearest(word, names.keys());
    if (found !== undefined) return names.get(found);
  }
  return undefined;
}

/** The group whose command is being called, where one is. */
function groupOf(
  args: readonly string[],
  entries: readonly (CommandEntry | CommandGroup)[],
): CommandGroup | undefined {
  return entries.find((entry): entry is CommandGroup => 'commands' in entry && entry.name === args[0]);
}

function meant(name: string | undefined): string {
  return name === undefined ? '' : `. Did you mean ${name}?`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

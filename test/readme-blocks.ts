import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT } from './commands/parse-call.js';

/** Where a block of commands can run: here; as the tests; with data from the network; on a GPU; on a cluster. */
export const TAGS = ['run', 'test', 'network', 'gpu', 'slurm'];

export const README = readFileSync(path.join(PROJECT, 'README.md'), 'utf8');

/** The fenced blocks of the README in their order. */
export const BLOCKS = [...README.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, language, tag, text]) => ({
    language,
    tag,
    text,
    /** Continued lines joined, comments left out. */
    commands: text
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/ # .*$/, '').trim())
      .filter((line) => line !== ''),
  }),
);

/** Every command of every block of shell, with where it can run. */
export const COMMANDS = BLOCKS.filter(({ language }) => language === 'sh').flatMap(({ tag, commands }) =>
  commands.map((line) => ({ tag, line })),
);

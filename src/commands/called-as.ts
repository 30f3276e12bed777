import path from 'node:path';
import { quoteForShell } from './shell-words.js';

/** How this process was started. */
export interface Call {
  /** `process.argv[1]`: the script, or the link to it. */
  readonly script: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** The words before the command's name as the person typed them, so that advice works where they sit. */
export function calledAs({ script, folder, environment }: Call): string {
  // npm sets it for `npx`, `npm exec` and scripts of package.json; `node dist/main.js` in the checkout is our own scripts.
  if (environment.npm_command !== undefined || script === path.join(folder, 'dist', 'main.js'))
    return 'npx whisker';
  const onPath = (environment.PATH ?? '').split(path.delimiter);
  if (path.basename(script) === 'whisker' && onPath.includes(path.dirname(script))) return 'whisker';
  const relative = path.relative(folder, script);
  const shown = quoteForShell(relative.startsWith('..') ? script : relative);
  return path.extname(script) === '.js' ? `node ${shown}` : shown;
}

/** Advice in the words of the code (`whisker doctor`), said as the program was called. */
export function sayAsCalled(text: string, called: string): string {
  return called === 'whisker' ? text : text.replace(/(?<![\w./-])(?<!npx )whisker (?=[a-z-])/g, `${called} `);
}

import { SETTINGS_KINDS, type SettingsKind } from '../config/kinds.js';
import { starterSettings } from '../config/starter-settings.js';
import { defineCommand } from './command.js';
import { IDENTITIES, initOwn } from './init-own.js';
import { quoteForShell } from './shell-words.js';
import { writeNew } from './write-new.js';

export default defineCommand({
  positionals: {
    kind: {
      type: 'string',
      choices: SETTINGS_KINDS,
      describe: 'settings of this kind, every default written out; left out: for recordings of your own',
    },
    file: { type: 'string', describe: 'where to; KIND.yaml if left out' },
  },
  options: {
    poses: {
      type: 'string',
      array: true,
      describe: 'your files of DeepLabCut (csv, h5) or SLEAP (h5), e.g. "videos/*DLC.csv"; asked if left out',
    },
    name: { type: 'string', describe: 'a name for them; asked if left out' },
    fps: { type: 'number', describe: 'frames per second of the videos; asked if left out' },
    identity: {
      type: 'string',
      choices: IDENTITIES,
      describe: 'ordered: animals have roles; exchangeable: the tracker may swap them',
    },
    labels: {
      type: 'string',
      array: true,
      describe: 'your files of BORIS, Caltech or Bento, one a recording',
    },
    behaviours: { type: 'string', describe: 'which of the behaviours marked there; all if left out' },
  },
  example: [
    `$0 config init --poses "videos/*DLC.csv" --labels "videos/boris/*.csv" --name mice --fps 30`,
    'settings for recordings of your own: import, pretraining, heads',
  ],
  async run(values, { output }) {
    const { kind, file } = values;
    if (kind === undefined) return initOwn(values, output);
    const target = file ?? `${kind}.yaml`;
    await writeNew(target, starterSettings(kind as SettingsKind));
    output.result({ file: target, kind }, target);
    output.next(`whisker config check ${quoteForShell(target)}`);
  },
});

import { settingsJsonSchema } from '../config/json-schema.js';
import { SETTINGS_KINDS } from '../config/kinds.js';
import { defineCommand } from './command.js';

export default defineCommand({
  positionals: {
    kind: {
      type: 'string',
      choices: SETTINGS_KINDS,
      describe: 'the kind of settings; all kinds if left out',
    },
  },
  options: {},
  example: ['$0 config schema > schema.json', 'for editors that complete and check YAML'],
  async run({ kind }, { output }) {
    const schema = settingsJsonSchema(kind === undefined ? SETTINGS_KINDS : [kind]);
    output.result(schema, () => JSON.stringify(schema, null, 2));
    output.next(`whisker config init ${kind ?? 'pretrain'}`);
  },
});

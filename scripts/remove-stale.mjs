// Removes compiled modules whose source is gone, so that no test, run or package finds them. A part of `npm run build`.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const MODULE = /\.(js|js\.map|d\.ts)$/;
for (const name of existsSync('dist') ? readdirSync('dist', { recursive: true, encoding: 'utf8' }) : []) {
  const isBundled = name.startsWith(join('report', 'page'));
  if (!MODULE.test(name) || isBundled) continue;
  const source = join('src', name.replace(MODULE, ''));
  if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(join('dist', name));
}

import { readFileSync } from 'node:fs';

/** The program's own version; behind it, where it is asked for, those of the engines. */
export async function readVersion(withEngines: boolean): Promise<string> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version, dependencies } = JSON.parse(text) as {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
  if (!withEngines) return version;
  const { listEngines } = await import('../engine/install.js');
  const engines = await listEngines();
  return [
    version,
    `TensorFlow.js ${dependencies['@tensorflow/tfjs']}`,
    ...engines.map((engine) => `engine ${engine.name}: TensorFlow ${engine.version}`),
    ...(engines.length === 0 ? ['no native engine: whisker engine install cpu'] : []),
  ].join('\n');
}

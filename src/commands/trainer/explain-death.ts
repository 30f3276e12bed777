import { UserError } from '../../errors.js';

export interface Death {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the process wrote, native libraries included. */
  readonly log: string;
  readonly logFile: string;
  readonly lastCheckpoint: string | undefined;
  readonly memoryRemedy: string;
}

const LOG_LINES = 20;

/** What to say about a trainer that ended without a word: killed, out of memory, crashed in native code, or a bug. */
export function explainDeath(death: Death): Error {
  const { signal, exitCode, log, logFile } = death;
  if (/heap out of memory/.test(log)) return outOfMemory('The trainer ran out of JavaScript memory', death);
  if (/std::bad_alloc|RESOURCE_EXHAUSTED|CUDA_ERROR_OUT_OF_MEMORY/.test(log)) {
    return outOfMemory('The trainer ran out of memory', death);
  }
  if (signal === 'SIGKILL') {
    return outOfMemory('The trainer was killed (signal 9): most often the machine had no memory left', death);
  }
  const lines = log.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
  const how = signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
  const text = `The trainer ended ${how} without a word`;
  if (signal === null) return new Error(`${text}\n${lines}`);
  const shown = lines === '' ? '' : `. Its last lines:\n\n${lines}`;
  return new UserError('device', `${text}${shown}`, {
    hint: `If memory was short: ${death.memoryRemedy}\n${checkpointAdvice(death)}The whole log is ${logFile}.`,
  });
}

/** What to say where memory ran out: which settings to lower, and from where the run goes on. */
export function outOfMemory(what: string, death: Pick<Death, 'memoryRemedy' | 'lastCheckpoint'>): UserError {
  return new UserError('memory', what, {
    hint: `${death.memoryRemedy}\n${checkpointAdvice(death)}`.trimEnd(),
  });
}

function checkpointAdvice({ lastCheckpoint }: Pick<Death, 'lastCheckpoint'>): string {
  if (lastCheckpoint === undefined) return '';
  return `The last checkpoint is ${lastCheckpoint}; --resume goes on from there.\n`;
}

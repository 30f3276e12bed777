import type { Engine, Program } from '../engine/engine.js';

/** Engine, library and mode in one line. */
export function describeProgram(engine: Engine, program: Pick<Program, 'mode' | 'precision'>): string {
  const { name, versions, threads } = engine;
  const precision = program.precision === 'float32' ? '' : ` ${program.precision}`;
  return `whisker ${name} ${program.mode}${precision}, ${versions.library}, ${threads} threads`;
}

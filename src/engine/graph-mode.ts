import type { Engine } from './engine.js';

/**
 * The mode of programs that have few runs (a plain graph starts sooner) or of which one output or the other is fetched (a
 * graph computes what is fetched and nothing else): a graph, where the engine can make one.
 */
export function graphMode({ name }: Pick<Engine, 'name'>): 'graph' | 'eager' {
  return name === 'portable' ? 'eager' : 'graph';
}

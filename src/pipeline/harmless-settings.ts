import type { Stage } from '../sweep/declaration.js';

/**
 * Settings that may change between two starts of a run: no weight of a pretraining and no figure of heads depends on
 * them.
 */
const HARMLESS: Readonly<Record<Stage, RegExp>> = {
  pretrain: /^(log|checkpoint)\.|^training\.(workers|maxMinutes|whenTerminalCloses)$/,
  heads: /^bootstrap\.|^features\.batchWindows$/,
};

/** @param setting its dotted path */
export function isHarmless(stage: Stage, setting: string): boolean {
  return HARMLESS[stage].test(setting);
}

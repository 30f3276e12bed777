import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import { type LoadedEncoder, loadEncoder } from './load-encoder.js';

/** The encoders behind rows of a seed: one for all splits of a task, or one per split in their order; empty: none. */
export type RunEncoders = (seed: number) => readonly LoadedEncoder[];

/** Where the pretrainings of a seed lie: `run`, with the seed in place of `{seed}`. */
export function encoderFolders({ run }: Pick<DeepReadonly<FinetuneSettings>, 'run'>, seed: number): string[] {
  return [run ?? []].flat().map((folder) => folder.replaceAll('{seed}', `${seed}`));
}

/** Whether every seed has encoders of its own. */
export function isSeeded({ run }: Pick<DeepReadonly<FinetuneSettings>, 'run'>): boolean {
  return [run ?? []].flat().some((folder) => folder.includes('{seed}'));
}

/** Reads the encoders of all seeds, each folder once. @throws UserError (`data`) when one is missing */
export function loadRunEncoders(settings: DeepReadonly<FinetuneSettings>): RunEncoders {
  const loaded = new Map<string, LoadedEncoder>();
  const load = (folder: string): LoadedEncoder => {
    const encoder = loaded.get(folder) ?? loadEncoder(folder, settings.features.checkpoint);
    loaded.set(folder, encoder);
    return encoder;
  };
  const ofSeed = new Map(
    settings.seeds.map((seed) => [seed, encoderFolders(settings, seed).map(load)] as const),
  );
  return (seed) => ofSeed.get(seed) ?? [];
}

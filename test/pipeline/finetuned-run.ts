import { join } from 'node:path';
import { loadKind } from '../../src/config/kinds.js';
import type { RunEventBody } from '../../src/events/event.js';
import type { ApplyOptions } from '../../src/pipeline/apply-heads.js';
import { loadFinetuneSettings } from '../../src/pipeline/apply-heads-choose.js';
import { type FinetuneSummary, runFinetuning } from '../../src/pipeline/finetune.js';
import type { RunContext } from '../../src/pipeline/run-context.js';

/** A context that lets a run go on to its end and remembers what was emitted. */
export function createContext(): RunContext & { readonly events: RunEventBody[] } {
  const events: RunEventBody[] = [];
  return {
    events,
    emit: (event) => events.push(event),
    observe: () => {},
    signal: new AbortController().signal,
    takeSaveRequest: () => false,
    untilResumed: async () => {},
  };
}

/** Fits small heads on `data` into the folder `name` below `folder`. */
export function writeFinetunedRun(
  folder: string,
  data: string,
  name: string,
  overrides: readonly string[],
  { resume = false } = {},
): Promise<FinetuneSummary> {
  const loaded = loadKind('finetune', {
    file: null,
    overrides: [
      'kind=finetune',
      `name=${name}`,
      `data.folder="${data}"`,
      'shiftedLabels=[]',
      'features.pooling={statistics: moments, scalesSeconds: [0, 1]}',
      'head.strengths=[1]',
      'head.everyFrames=2',
      'bootstrap.draws=100',
      'engine={device: cpu, mode: graph}',
      ...overrides,
    ],
    environment: {},
  });
  return runFinetuning(
    {
      settings: loaded.settings,
      given: { text: '', overrides: loaded.overrides, complete: loaded.unexpanded },
      folder: join(folder, name),
      policy: { resume, overwrite: false, forceUnlock: false },
    },
    createContext(),
  );
}

/** What `predict` and `evaluate` ask for, on such a run. */
export function applyTo(runFolder: string, choice: Partial<ApplyOptions['choice']> = {}): ApplyOptions {
  return {
    runFolder,
    settings: loadFinetuneSettings(runFolder, {}),
    choice: { task: null, features: null, seed: null, ...choice },
    allFolds: false,
    device: 'cpu',
  };
}

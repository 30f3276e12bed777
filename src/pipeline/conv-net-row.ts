import { join } from 'node:path';
import type { HostArrays } from '../arrays.js';
import type { DeepReadonly } from '../config/freeze.js';
import type { FinetuneSettings } from '../config/schema/finetune.js';
import type { Dataset } from '../data/store/dataset.js';
import { createFrameWindows, type FrameWindows, missesPoints } from '../data/windows/frame-windows.js';
import { createLabelledBatches, type LabelledPlaces } from '../data/windows/labelled-batches.js';
import type { CompileOptions, Engine, Program } from '../engine/engine.js';
import { softmaxRows } from '../evaluation/heads/head.js';
import {
  applyUnchanged,
  type Classifier,
  type Lesson,
  NO_HEADS,
} from '../evaluation/protocols/classifier.js';
import { joinLabels, readTrainingFrames } from '../evaluation/protocols/fit-task-head.js';
import { countClasses } from '../evaluation/protocols/folds.js';
import type { Task } from '../evaluation/protocols/task.js';
import { buildConvNet, type ConvNet } from '../model/classifiers/conv-net.js';
import { seededRandom } from '../random.js';
import { buildConvNetStep, compileConvNet } from '../training/conv-net-step.js';
import type { RunContext } from './run-context.js';
import { readTrained, trainClassifier } from './train-classifier.js';
import { type TrainedPlace, trainedFolder } from './trained-folder.js';

type ConvNetSettings = DeepReadonly<FinetuneSettings>['convNet'];

/** What the row needs of its run. */
export interface ConvNetRow {
  readonly settings: ConvNetSettings;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly mode: CompileOptions['mode'];
  readonly context: RunContext;
  /** Where this row's trained nets lie, by task and split. */
  readonly place: TrainedPlace;
}

const NAME = 'conv-net';
/** Steps between checkpoints: a few minutes. */
const CHECKPOINT_STEPS = 2000;
/** Recordings whose windows are predicted stay in memory no longer than it takes. */
const KEPT_WHEN_PREDICTING = 1;

/**
 * CalMS21's official baseline as a row: convolutions on plain poses around each frame. Task 1 (and any task of its own)
 * is trained from random weights; in task 2 the net of task 1 is taken up, last layer first; in task 3 too, where the
 * run holds task 1. Frames of all classes weigh the same but in task 3.
 */
export function createConvNetRow(row: ConvNetRow): Classifier {
  return {
    name: NAME,
    method: 'official 1D conv net of CalMS21 on poses, trained here',
    async fit(lesson) {
      const { task, split, anchor, dataset } = lesson;
      if (anchor !== null && task.fitting === 'zero-shot') return applyUnchanged(anchor, split);
      const hasMissing = missesPoints(dataset, split.train);
      const places = readTrainingFrames({
        view: lesson.view,
        settings: { everyFrames: row.settings.everyFrames },
        recordings: dataset.recordings,
      });
      const frames = places.reduce((sum, place) => sum + place.frames.length, 0);
      const windows = createFrameWindows(dataset, row.settings, hasMissing, places.length);
      const net = buildNet(row.settings, windows, task.classes.length);
      const state = await trainPhases(row, lesson, net, windows, places);
      if (state === null) return null;
      const ahead = createFrameWindows(dataset, row.settings, hasMissing, KEPT_WHEN_PREDICTING);
      const program = await compileConvNet(row.engine, net, state, {
        shape: [row.settings.batchFrames, windows.samples, windows.channels],
      });
      return {
        split: split.name,
        parts: [],
        fit: { ...NO_HEADS, split: split.name, unit: 'not chosen', trainedFrames: frames },
        predict: (recording) => predict(program, ahead, row.settings.batchFrames, dataset, recording),
        dispose: () => program.dispose(),
      };
    },
  };
}

function buildNet(settings: ConvNetSettings, windows: FrameWindows, classes: number): ConvNet {
  const { samples, channels } = windows;
  return buildConvNet({ samples, channels, classes }, settings);
}

interface Phase {
  readonly name: string;
  readonly trains: 'all' | 'head';
  readonly epochs: number;
  readonly learningRate: number;
}

/** How a task is learned, and from the net of which other one. */
function phasesOf(task: Task, settings: ConvNetSettings): { from: string | null; phases: readonly Phase[] } {
  const { epochs, learningRate, anchored, newBehaviour } = settings;
  const fresh: Phase = { name: 'train', trains: 'all', epochs, learningRate };
  if (task.group !== 'task3' && task.anchor === null) return { from: null, phases: [fresh] };
  const tuning = task.group === 'task3' ? newBehaviour : anchored;
  return {
    from: task.anchor ?? 'task1',
    phases: [
      { name: 'probe', trains: 'head', epochs: tuning.probeEpochs, learningRate },
      { name: 'tune', trains: 'all', epochs: tuning.epochs, learningRate: tuning.learningRate },
    ],
  };
}

async function trainPhases(
  row: ConvNetRow,
  lesson: Lesson,
  net: ConvNet,
  windows: FrameWindows,
  places: readonly LabelledPlaces[],
): Promise<HostArrays | null> {
  const { settings, context, place } = row;
  const { task, split, seed } = lesson;
  const { from, phases } = phasesOf(task, settings);
  const folder = trainedFolder(place, task.name, split.name);
  const body = from === null ? null : readTrained(join(trainedFolder(place, from, null), 'train'));
  if (from !== null && body === null) {
    const text = `${task.name}, ${NAME}: this run has no net of ${from} to start from; it starts from random weights`;
    context.emit({ type: 'message', level: 'warning', text });
  }
  let state: HostArrays | null = body === null ? null : withFreshHead(net, body, seed, task.name);
  for (const phase of phases) {
    const batches = createLabelledBatches({
      ...{ windows, places, batchFrames: settings.batchFrames },
      classWeights: weighClasses(task, places, settings),
      dropout: phase.trains === 'all' ? net.pooled : [],
      seed: `${seed} ${task.name} ${split.name} ${phase.name}`,
    });
    const steps = Math.round((phase.epochs * batches.frames) / settings.batchFrames);
    if (steps === 0) continue;
    context.emit({ type: 'phase', name: task.name, detail: `${NAME}, ${phase.name}: ${steps} steps` });
    const trained: HostArrays | null = await trainClassifier({
      ...{ engine: row.engine, context, steps, checkpointSteps: CHECKPOINT_STEPS },
      compile: { mode: row.mode, precision: 'float32' },
      folder: join(folder, phase.name),
      training: buildConvNetStep({ net, ...phase, classes: task.classes.length, start: state }),
      batches: {
        async next(step) {
          await context.untilResumed();
          return batches.batchAt(step);
        },
        windowsPerBatch: settings.batchFrames,
        windowsPerEpoch: batches.frames,
        windowFrames: 1,
      },
      random: seededRandom(seed, NAME, task.name, split.name),
      settings: { task: task.name, split: split.name, phase: phase.name },
    });
    if (trained === null) return null;
    state = trained;
  }
  return (
    state ??
    buildConvNetStep({ net, ...phases[0], classes: task.classes.length, start: null }).init(
      seededRandom(seed, NAME, task.name, split.name),
    )
  );
}

/** The net of another task; where that has other classes, with a last layer of its own. */
function withFreshHead(net: ConvNet, body: HostArrays, seed: number, task: string): HostArrays {
  const fresh = net.init(seededRandom(seed, NAME, 'head', task));
  const fits = (path: string) => body[path].shape.join() === fresh[path].shape.join();
  return {
    ...body,
    ...Object.fromEntries(Object.entries(fresh).filter(([path]) => !fits(path))),
  };
}

/** In task 3 the behaviour's frames weigh as much as all others, within bounds; elsewhere every frame weighs 1. */
function weighClasses(
  task: Task,
  places: readonly LabelledPlaces[],
  { newBehaviour }: ConvNetSettings,
): readonly number[] {
  if (task.group !== 'task3') return task.classes.map(() => 1);
  const [others, behaviour] = countClasses(joinLabels(places), 2);
  const [low, high] = newBehaviour.positiveWeight;
  return [1, Math.min(high, Math.max(low, others / Math.max(1, behaviour)))];
}

/** [frame, class]; exchangeable animals: the mean over both orders. */
async function predict(
  program: Program,
  windows: FrameWindows,
  batchFrames: number,
  { recordings }: Dataset,
  recording: number,
): Promise<Float32Array> {
  const { frames } = recordings[recording];
  const shape = [batchFrames, windows.samples, windows.channels];
  const size = windows.samples * windows.channels;
  let output: Float32Array | null = null;
  for (let start = 0; start < frames; start += batchFrames) {
    const count = Math.min(batchFrames, frames - start);
    for (let order = 0; order < windows.orderCount; order++) {
      const data = new Float32Array(batchFrames * size);
      for (let row = 0; row < count; row++) windows.write(recording, order, start + row, data, row * size);
      const { scores } = program.run({ windows: { shape, data } }, {});
      const classes = scores.shape[1];
      const own = softmaxRows(scores.data as Float32Array, classes);
      output ??= new Float32Array(frames * classes);
      for (let index = 0; index < count * classes; index++) {
        output[start * classes + index] += own[index] / windows.orderCount;
      }
    }
    if ((start / batchFrames) % 16 === 0) await new Promise(setImmediate);
  }
  return output ?? new Float32Array(0);
}

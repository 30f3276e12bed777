import type { Scalar, Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { HostArrays } from '../../arrays.js';
import { UserError } from '../../errors.js';
import type { Random } from '../../random.js';
import type { Parameters } from '../parameters.js';
import type { BatchTensors, Needs, Objective, TargetInputs } from './objective.js';

/** An objective and how much it counts. */
export interface WeightedObjective {
  readonly objective: Objective;
  /** Factor of every part of its loss. */
  readonly weight: number;
  /** Steps over which the weight rises from 0; 0: at once. */
  readonly warmupSteps: number;
}

/** Several objectives that share an encoder, as the training step sees them. */
export interface CombinedObjective {
  /** What a batch must hold for all of them. */
  readonly needs: Needs;
  /** Whether one of them has a teacher, so that running averages of the parameters must be kept. */
  readonly hasTeacher: boolean;
  /** The parts of all losses, in a fixed order, and whose they are. */
  readonly parts: readonly { readonly name: string; readonly objective: string }[];
  init(random: Random): HostArrays;
  /** Weight of each objective at a step (the first is 0), by its name. */
  weightsAt(step: number): Readonly<Record<string, number>>;
  /** What the teachers say, by objective. Call it outside the differentiated function. */
  targets(inputs: TargetInputs): CombinedTargets;
  /** The unweighted losses in the order of `parts`. */
  losses(inputs: CombinedLossInputs): readonly Scalar[];
}

export type CombinedTargets = Readonly<Record<string, Readonly<Record<string, Tensor>>>>;

export interface CombinedLossInputs {
  readonly parameters: Parameters;
  readonly batch: BatchTensors;
  readonly encoded: Tensor3D;
  readonly targets: CombinedTargets;
}

/**
 * Minimises the sum over objectives of weight x (sum of its parts); parts are reported one by one.
 * @throws UserError (`settings`) when there is none, when one is named twice, or when their needs contradict.
 */
export function combineObjectives(weighted: readonly WeightedObjective[]): CombinedObjective {
  const objectives = weighted.map(({ objective }) => objective);
  if (objectives.length === 0) throw new UserError('settings', 'objectives must name at least one, got none');
  const parts = objectives.flatMap(({ name, parts }) =>
    parts.map((part) => ({ name: part, objective: name })),
  );
  refuseTwice(objectives.map(({ name }) => name));
  refuseTwice(parts.map(({ name }) => name));
  return {
    needs: mergeNeeds(objectives),
    hasTeacher: objectives.some(({ targets }) => targets !== undefined),
    parts,
    init: (random) => Object.assign({}, ...objectives.map((objective) => objective.init(random))),
    weightsAt: (step) =>
      Object.fromEntries(
        weighted.map(({ objective, weight, warmupSteps }) => [
          objective.name,
          weight * warmup(step, warmupSteps),
        ]),
      ),
    targets: (inputs) =>
      Object.fromEntries(objectives.map((objective) => [objective.name, objective.targets?.(inputs) ?? {}])),
    losses: ({ targets, ...inputs }) =>
      objectives.flatMap((objective) => {
        const values = objective.loss({ ...inputs, targets: targets[objective.name] });
        return objective.parts.map((part) => values[part]);
      }),
  };
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, number) => names.indexOf(name) !== number);
  if (twice !== undefined) throw new UserError('settings', `objectives name ${twice} twice`);
}

/** 1 / warmupSteps at the first step, 1 from step warmupSteps - 1 on. */
function warmup(step: number, warmupSteps: number): number {
  return warmupSteps === 0 ? 1 : Math.min(1, (step + 1) / warmupSteps);
}

/** One batch that serves all: the most views, the one mask, the one distance of neighbours. */
function mergeNeeds(objectives: readonly Objective[]): Needs {
  const mask = onlyOne(objectives, 'mask', (needs) => needs.mask);
  return {
    views: Math.max(...objectives.map(({ needs }) => needs.views)),
    mask,
    clean: objectives.some(({ needs }) => needs.clean),
    truth: objectives.some(({ needs }) => needs.truth),
    ...companions(objectives),
  };
}

/** What comes with the windows of a batch: neighbours or futures, not both. */
function companions(objectives: readonly Objective[]): Pick<Needs, 'neighbourSeconds' | 'futureSeconds'> {
  const neighbourSeconds = onlyOne(objectives, 'neighbourSeconds', (needs) => needs.neighbourSeconds);
  const futureSeconds = onlyOne(objectives, 'futureSeconds', (needs) => needs.futureSeconds);
  if (neighbourSeconds !== null && futureSeconds !== null) {
    throw new UserError(
      'settings',
      'objectives share one batch, which holds neighbours or futures, not both',
      {
        hint: 'Drop one of them, or contrast two views in place of neighbours',
      },
    );
  }
  return { neighbourSeconds, futureSeconds };
}

/** The value that all objectives which want one agree on. */
function onlyOne<T>(
  objectives: readonly Objective[],
  what: string,
  of: (needs: Needs) => T | null,
): T | null {
  const wishes = objectives.flatMap(({ name, needs }) => {
    const value = of(needs);
    return value === null ? [] : [{ name, value, text: JSON.stringify(value) }];
  });
  const other = wishes.find(({ text }) => text !== wishes[0].text);
  if (other !== undefined) {
    throw new UserError(
      'settings',
      `objectives share one batch, but ${wishes[0].name} needs ${what} ${wishes[0].text} and ${other.name} needs ${other.text}`,
      { hint: `give both the same ${what}, or drop one of them` },
    );
  }
  return wishes[0]?.value ?? null;
}

import type { Plain } from '../checkpoint/format.js';
import { proposeName } from '../data/formats/tracked-poses.js';
import type { Normalisation } from '../data/inputs/normalisation.js';
import type { DatasetHeader } from '../data/pose.js';
import type { Dataset } from '../data/store/dataset.js';
import { UserError } from '../errors.js';
import type { ModelSettings } from './model.js';

/** All that is needed to use an encoder on other poses; every checkpoint holds one. */
export interface ModelCard {
  readonly model: ModelSettings;
  /** Skeleton and animals that it was trained on; a data set that it is used on must have the same. */
  readonly skeleton: DatasetHeader['skeleton'];
  readonly animals: DatasetHeader['animals'];
  readonly normalisation: Normalisation;
  /**
   * Where it learned, or was chosen by labels: recordings by id and by the hash of their poses, so that nothing seen is
   * scored as unseen.
   */
  readonly dataset: { readonly name: string; readonly hash: string };
  readonly recordings: readonly { readonly id: string; readonly poseHash: string }[];
}

/** The card as plain data for a checkpoint's header. */
export function cardToPlain(card: ModelCard): Plain {
  return JSON.parse(JSON.stringify(card)) as Plain;
}

/** Reads a card back. @throws UserError (`data`) when the checkpoint holds none */
export function cardFromPlain(path: string, settings: Plain): ModelCard {
  const card = readCard(settings);
  if (card === null) throw new UserError('data', `${path} does not hold an encoder`);
  return card;
}

/** The card in a checkpoint's settings; null where they are something else. */
export function readCard(settings: Plain): ModelCard | null {
  const card = settings as Partial<ModelCard> | null;
  const isCard =
    Array.isArray(card?.skeleton?.keypoints) &&
    Array.isArray(card.animals?.names) &&
    Array.isArray(card.recordings) &&
    [card.model?.window, card.model?.encoder, card.normalisation, card.dataset].every(isMap);
  return isCard ? (card as ModelCard) : null;
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Describes an encoder that learns from some recordings of a data set. */
export function describeModel(
  model: ModelSettings,
  dataset: Dataset,
  recordings: readonly number[],
  normalisation: Normalisation,
): ModelCard {
  const { name, skeleton, animals } = dataset.header;
  return {
    model,
    skeleton,
    animals,
    normalisation,
    dataset: { name, hash: dataset.hash },
    recordings: recordings.map((number) => {
      const { id, poseHash } = dataset.recordings[number];
      return { id, poseHash };
    }),
  };
}

/** A card that names more recordings, each once. */
export function withRecordings(card: ModelCard, more: ModelCard['recordings']): ModelCard {
  const known = new Set(card.recordings.map(({ poseHash }) => poseHash));
  const added = more.filter(({ poseHash }) => !known.has(poseHash));
  return {
    ...card,
    recordings: [...card.recordings, ...added.map(({ id, poseHash }) => ({ id, poseHash }))],
  };
}

/**
 * @param owner who was trained on `expected`: `encoder`, `head`
 * @throws UserError (`data`) when a data set has other keypoints or animals, with the names on both sides
 */
export function assertFits(
  owner: string,
  expected: Pick<ModelCard, 'skeleton' | 'animals'>,
  dataset: Dataset,
): void {
  const { skeleton, animals } = dataset.header;
  const problems = [
    compare(owner, 'keypoints', expected.skeleton.keypoints, skeleton.keypoints),
    compare(owner, 'animals', [`${expected.animals.names.length}`], [`${animals.names.length}`]),
    compare(owner, 'identities', [expected.animals.identity], [animals.identity]),
  ].filter((problem) => problem !== undefined);
  if (problems.length === 0) return;
  const renames = proposeRenames(expected.skeleton.keypoints, skeleton.keypoints);
  const example = renames === '' ? '' : `, e.g. { ${renames} }`;
  throw new UserError('data', `${dataset.folder} does not fit the ${owner}:\n\n${problems.join('\n')}`, {
    hint: `Import the data set again with the keypoints of the ${owner} in this order (source.skeleton.keypoints; .rename maps other names${example}) and the same number of animals`,
  });
}

/** Names of the data set that likely mean keypoints which it lacks, as `source.skeleton.rename` takes them. */
function proposeRenames(expected: readonly string[], got: readonly string[]): string {
  const unknown = got.filter((name) => !expected.includes(name));
  return expected
    .filter((name) => !got.includes(name))
    .flatMap((name) => {
      const near = proposeName(name, unknown);
      return near === undefined ? [] : [`${near}: ${name}`];
    })
    .join(', ');
}

function compare(
  owner: string,
  what: string,
  expected: readonly string[],
  got: readonly string[],
): string | undefined {
  const isSame = expected.length === got.length && expected.every((name, index) => name === got[index]);
  return isSame
    ? undefined
    : `  ${what}: the ${owner} has ${expected.join(', ')}; the data set ${got.join(', ')}`;
}

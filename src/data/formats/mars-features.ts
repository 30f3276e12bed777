import { UserError } from '../../errors.js';
import { type NumpyArray, parseNpy, readNpyHeader, readNpzEntries, toFloat32 } from './npy.js';
import { parseNpyText } from './npy-text.js';
import { parsePickledNpy } from './numpy-pickle.js';

/** Hand-made features of two mice that MARS computed (Segalin et al. 2021), as CalMS21 publishes them beside the poses. */
export interface MarsFeatures {
  readonly frames: number;
  readonly framesPerSecond: number;
  /** The path of the video, as it was when they were computed. */
  readonly video: string;
  readonly featureNames: readonly string[];
  /** [frame, animal, feature]; resident first */
  readonly features: Float32Array;
}

const ANIMALS = 2;
/** MARS assumes it where a video doesn't say. */
const USUAL_FRAMES_PER_SECOND = 30;

/**
 * Reads a features file of MARS (`.npz`): `data` [animal, frame, feature], `features` (their names), `fps` and `vid_name`;
 * `data_smooth`, `bbox` and `keypoints` are left alone. Throws a UserError that names the array.
 */
export async function readMarsFeatures(path: string): Promise<MarsFeatures> {
  const entries = await readNpzEntries(path, ['data', 'features', 'fps', 'vid_name'], ['data', 'features']);
  const bytesOf = (name: string) => entries.get(name) as Uint8Array;
  const data = parseNpy(bytesOf('data'), `${path}, data`);
  const featureNames = readNames(bytesOf('features'), `${path}, features`);
  const frames = data.shape[1];
  if (data.shape.length !== 3 || data.shape[0] !== ANIMALS || data.shape[2] !== featureNames.length)
    throw new UserError(
      'data',
      `${path}, data: expected the shape (animal ${ANIMALS}, frame any, feature ${featureNames.length}), got (${data.shape.join(', ')})`,
    );
  if (frames === 0 || featureNames.length === 0)
    throw new UserError('data', `${path} has ${frames} frames of ${featureNames.length} features`);
  const rate = entries.has('fps')
    ? Number(parseNpy(bytesOf('fps'), `${path}, fps`).data[0])
    : USUAL_FRAMES_PER_SECOND;
  if (!(rate > 0 && Number.isFinite(rate)))
    throw new UserError('data', `${path}, fps: expected frames per second above 0, got ${rate}`);
  const [video = ''] = entries.has('vid_name') ? readNames(bytesOf('vid_name'), `${path}, vid_name`) : [];
  return { frames, framesPerSecond: rate, video, featureNames, features: turn(data, frames) };
}

/** Names as NumPy keeps them: fixed-width text, or objects. */
function readNames(bytes: Uint8Array, path: string): string[] {
  if (readNpyHeader(bytes, path).descr !== '|O') return parseNpyText(bytes, path);
  const names = [parsePickledNpy(bytes, path)].flat(2);
  if (!names.every((name) => typeof name === 'string'))
    throw new UserError('data', `${path}: expected names`);
  return names as string[];
}

/** [animal, frame, feature] to [frame, animal, feature] */
function turn(data: NumpyArray, frames: number): Float32Array {
  const from = toFloat32(data);
  const count = from.length / (ANIMALS * frames);
  const to = new Float32Array(from.length);
  for (let animal = 0; animal < ANIMALS; animal++)
    for (let frame = 0; frame < frames; frame++) {
      const start = (animal * frames + frame) * count;
      to.set(from.subarray(start, start + count), (frame * ANIMALS + animal) * count);
    }
  return to;
}

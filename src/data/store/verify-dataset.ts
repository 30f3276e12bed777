import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import { ARRAY_FILES, DESCRIPTION_FILE } from './array-files.js';
import { checkHeader, checkRecording } from './check-recording.js';
import { openDataset, readDescription } from './open-dataset.js';

/**
 * Reads a whole data set folder and compares it with its description: checksums of the arrays, hashes of the
 * poses, values in range. Throws a UserError that names the first thing that differs.
 */
export async function verifyDataset(folder: string): Promise<void> {
  const dataset = openDataset(folder);
  try {
    const { description } = readDescription(folder);
    checkHeader(dataset.header);
    for (const file of ARRAY_FILES) {
      const got = await hashFile(join(folder, file));
      if (got !== description.files[file].sha256) throw damaged(join(folder, file));
    }
    for (const [index, entry] of dataset.recordings.entries()) {
      const pose = dataset.readPose(index, 0, entry.frames);
      if (createHash('sha256').update(pose).digest('hex') !== entry.poseHash)
        throw damaged(`${folder}, recording ${entry.id}`);
      const labels = new Map(
        entry.tracks.map((track) => [track, dataset.readLabels(index, track, 0, entry.frames)] as const),
      );
      const scores = entry.hasScores ? { scores: dataset.readScores(index, 0, entry.frames) } : {};
      const { id, subset, frames, framesPerSecond } = entry;
      checkRecording({ id, subset, frames, framesPerSecond, pose, labels, ...scores }, dataset.header);
    }
  } finally {
    dataset.close();
  }
}

/** sha256 of a file, in hex; reads it in pieces. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

function damaged(where: string): UserError {
  return new UserError('data', `${where}: the checksum differs from ${DESCRIPTION_FILE}`, {
    hint: 'The data set folder is damaged; import it again with --overwrite.',
  });
}

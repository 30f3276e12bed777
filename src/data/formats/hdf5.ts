import { statSync } from 'node:fs';
import { sizeOf } from '../../arrays.js';
import { UserError } from '../../errors.js';

/** The little of h5wasm that is used; the package is optional. */
interface Hdf5 {
  readonly ready: Promise<{ activate_throwing_error_handler(): void }>;
  readonly File: new (path: string, mode: 'r') => Hdf5File;
}

interface Hdf5File extends Hdf5Group {
  /** Negative where the file could not be opened. */
  readonly file_id: bigint;
  close(): void;
}

export interface Hdf5Group {
  readonly attrs: Readonly<Record<string, { readonly value: unknown }>>;
  keys(): string[];
  get(name: string): Hdf5Group | Hdf5Dataset | null;
}

export interface Hdf5Dataset {
  readonly attrs: Readonly<Record<string, { readonly value: unknown }>>;
  readonly shape: readonly number[];
  readonly value: ArrayLike<unknown>;
  slice(ranges: readonly (readonly [number, number])[]): ArrayLike<unknown>;
}

/** An open HDF5 file with the questions that every reader asks. */
export interface OpenHdf5 {
  readonly root: Hdf5Group;
  /** A data set of a group. Throws a UserError where it is absent, or larger than a file of this size can fill. */
  dataset(group: Hdf5Group, name: string): Hdf5Dataset;
}

/** No table of poses packs better than this; a data set that claims more is damaged, and would fill the memory. */
const LARGEST_PACKING = 500;
const SMALL_ELEMENTS = 1 << 22;

/**
 * Opens an HDF5 file, has `read` take what it wants, and closes it. Needs the optional package h5wasm. Throws a UserError
 * where that is missing, where the file can't be opened, and for whatever fails in it; `what` names the format there. A
 * damaged file may break the library or keep it busy for ever, so this runs in a thread (`read-hdf5-poses.ts`); the
 * library's memory ends at 2 GiB.
 */
export async function readHdf5<Result>(
  path: string,
  what: string,
  read: (file: OpenHdf5) => Result,
): Promise<Result> {
  const hdf5 = await loadHdf5();
  const file = openFile(hdf5, path);
  const limit = SMALL_ELEMENTS + LARGEST_PACKING * statSync(path).size;
  try {
    return read({
      root: file,
      dataset(group, name) {
        const found = group.get(name);
        if (!found || !('shape' in found)) throw new UserError('data', `${path}: ${name} is missing in it`);
        if (!(sizeOf(found.shape ?? []) <= limit))
          throw new UserError('data', `${path}: ${name} claims more values than the file can hold`);
        return found;
      },
    });
  } catch (error) {
    if (error instanceof UserError || isBroken(error)) throw error;
    throw new UserError('data', `${path} is damaged or no ${what}: ${explain(error as Error)}`, {
      cause: error,
    });
  } finally {
    file.close();
  }
}

function openFile(hdf5: Hdf5, path: string): Hdf5File {
  try {
    const file = new hdf5.File(path, 'r');
    if (file.file_id >= 0n) return file;
  } catch (error) {
    if (isBroken(error)) throw error;
    // else told below, as for files that are not thrown about
  }
  throw new UserError(
    'data',
    `${path} cannot be opened as HDF5; it is absent, damaged or another kind of file`,
  );
}

/** Whether the library has ended itself at a damaged file: it never answers again. */
export function isBroken(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError'; // WebAssembly's, which the types don't know
}

/** The library tells a page of its own functions; the first of them says what could not be done. */
function explain({ message }: Error): string {
  return /#000: .* in \w+\(\): (.*)/.exec(message)?.[1] ?? message;
}

async function loadHdf5(): Promise<Hdf5> {
  const name = 'h5wasm/node'; // not a literal: the package is optional and has no place in the type check
  let hdf5: Hdf5;
  try {
    hdf5 = ((await import(name)) as { default: Hdf5 }).default;
  } catch (cause) {
    throw new UserError('data', 'reading .h5 files needs the package h5wasm, which is not installed', {
      hint: 'npm install h5wasm, or have the tracker write csv and import that.',
      cause,
    });
  }
  // else every failure is also printed, a page each
  (await hdf5.ready).activate_throwing_error_handler();
  return hdf5;
}

/** Names that were stored as UTF-8 bytes but declared ASCII come one character a byte. */
export function decodeName(name: unknown): string {
  const text = String(name);
  return [...text].every((character) => character.charCodeAt(0) < 256)
    ? Buffer.from(text, 'latin1').toString('utf8')
    : text;
}

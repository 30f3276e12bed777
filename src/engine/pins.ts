/**
 * What `engine install` fetches, pinned by content: TensorFlow's C library as it lies in its own Python wheels,
 * and the headers that the native addon of tfjs needs.
 */

export type NativeEngineName = 'cpu' | 'cuda';

/** A wheel of the Python package index. */
export interface WheelPin {
  /** The package's name there. */
  readonly distribution: string;
  readonly version: string;
  readonly wheelFile: string;
  readonly wheelSha256: string;
  readonly wheelBytes: number;
}

export interface LibraryPin extends WheelPin {
  readonly engine: NativeEngineName;
  /** Folder inside the wheel -> nothing else is unpacked than these two libraries and `HEADERS`. */
  readonly librarySha256: Readonly<Record<LibraryFile, string>>;
  /** Free space that an installation needs while it is made: wheel, libraries, a reserve. */
  readonly neededBytes: number;
}

export type LibraryFile = 'libtensorflow_cc.so.2' | 'libtensorflow_framework.so.2';

/** What `pip download` is told: the wheels of one Python serve under any Python, since no Python code is used. */
export const WHEEL_PLATFORM = {
  pythonVersion: '311',
  abi: 'cp311',
  platforms: [
    'manylinux_2_27_x86_64',
    'manylinux_2_17_x86_64',
    'manylinux2014_x86_64',
    'manylinux_2_12_x86_64',
    'manylinux2010_x86_64',
  ],
} as const;

const MEBIBYTE = 1024 * 1024;

/** The TensorFlow wheel of each native engine, with its hash. */
export const LIBRARY_PINS: Readonly<Record<NativeEngineName, LibraryPin>> = {
  cpu: {
    engine: 'cpu',
    distribution: 'tensorflow-cpu',
    version: '2.21.0',
    wheelFile: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    wheelSha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    wheelBytes: 274 * MEBIBYTE,
    librarySha256: {
      'libtensorflow_cc.so.2': '6505a4b9657e62100c6bdacb683957a395cb047725042945aaa50e40a71e429e',
      'libtensorflow_framework.so.2': 'f060b323b26ef80add21b9df9428de3aeaf2843d772c5bb098745f7abff3709b',
    },
    neededBytes: 1200 * MEBIBYTE,
  },
  cuda: {
    engine: 'cuda',
    distribution: 'tensorflow',
    version: '2.21.0',
    wheelFile: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    wheelSha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    wheelBytes: 573 * MEBIBYTE,
    librarySha256: {
      'libtensorflow_cc.so.2': '2889ecc99d7641620f41a4bea538f4dd4b626f75aa3e12623161ae939054191c',
      'libtensorflow_framework.so.2': '98847c6f0448308159f6d3ff55e13a9e92978598c7fbb34cde63aadf35c6fe84',
    },
    neededBytes: 1900 * MEBIBYTE,
  },
};

/** The transitive includes of the C and eager C interfaces, under `tensorflow/include` of the wheel. */
export const HEADERS: readonly string[] = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/c_api_macros.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_attrtype.h',
  'tensorflow/c/tf_buffer.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/c/tf_tstring.h',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/core/platform/ctstring_internal.h',
  'tsl/platform/ctstring.h',
  'tsl/platform/ctstring_internal.h',
  'xla/tsl/c/tsl_status.h',
];

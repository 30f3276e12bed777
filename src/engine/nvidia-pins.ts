/**
 * NVIDIA's libraries as NVIDIA's own Python wheels hold them, pinned by content: what TensorFlow's loader asks for, what
 * those libraries need of each other, and the assembler and device library that XLA compiles with.
 */
import type { WheelPin } from './pins.js';

export interface NvidiaPin extends WheelPin {
  /** Folder below `nvidia/` in the wheel, and in the cache. */
  readonly folder: string;
  /** What is kept of the wheel, below that folder. */
  readonly members: readonly string[];
}

/** Where each wheel keeps the text of its licence. */
export const licenceOf = ({ distribution, version }: NvidiaPin): string =>
  `${distribution.replaceAll('-', '_')}-${version}.dist-info/licenses/License.txt`;

/** Said before anything is fetched. */
export const NVIDIA_TERMS =
  "NVIDIA's libraries of CUDA 12 and cuDNN 9 come under NVIDIA's own licences (CUDA Toolkit End User License Agreement, cuDNN " +
  'Supplement); their texts are kept beside them. Images that hold these libraries are not to be published.';

/** Unpacked, all of them, with the largest wheel beside them. */
export const NVIDIA_NEEDED_BYTES = 4400 * 1024 * 1024;

const pin = (
  name: string,
  version: string,
  tags: string,
  wheelSha256: string,
  wheelBytes: number,
  members: readonly string[],
): NvidiaPin => ({
  distribution: `nvidia-${name.replaceAll('_', '-')}-cu12`,
  version,
  wheelFile: `nvidia_${name}_cu12-${version}-py3-none-${tags}.whl`,
  wheelSha256,
  wheelBytes,
  folder: name,
  members,
});

const OLD = 'manylinux2010_x86_64.manylinux_2_12_x86_64';
const MIDDLE = 'manylinux2014_x86_64.manylinux_2_17_x86_64';
const NEW = 'manylinux_2_27_x86_64';

/** NVIDIA's wheels that the CUDA engine needs, each with its hash. */
export const NVIDIA_PINS: readonly NvidiaPin[] = [
  pin(
    'cuda_runtime',
    '12.9.79',
    MIDDLE,
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    3_493_179,
    ['lib/libcudart.so.12'],
  ),
  pin(
    'cublas',
    '12.9.2.10',
    NEW,
    'e4f53a8ca8c5d6e8c492d0d0a3d565ecb59a751b19cfdaa4f6da0ab2104c1702',
    581_240_110,
    ['lib/libcublas.so.12', 'lib/libcublasLt.so.12'],
  ),
  pin(
    'cufft',
    '11.4.1.4',
    MIDDLE,
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    200_877_592,
    ['lib/libcufft.so.11'],
  ),
  pin(
    'cusolver',
    '11.7.5.82',
    NEW,
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    338_117_415,
    ['lib/libcusolver.so.11'],
  ),
  pin(
    'cusparse',
    '12.5.10.65',
    MIDDLE,
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    366_465_088,
    ['lib/libcusparse.so.12'],
  ),
  pin(
    'cudnn',
    '9.28.0.42',
    NEW,
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    716_538_495,
    [
      ...['', '_adv', '_cnn', '_engines_precompiled', '_engines_runtime_compiled', '_engines_tensor_ir'],
      ...['_ext', '_graph', '_heuristic', '_ops'],
    ].map((part) => `lib/libcudnn${part}.so.9`),
  ),
  pin(
    'nvjitlink',
    '12.9.86',
    OLD,
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    39_748_338,
    ['lib/libnvJitLink.so.12'],
  ),
  pin(
    'cuda_nvrtc',
    '12.9.86',
    OLD,
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    89_568_129,
    ['lib/libnvrtc.so.12', 'lib/libnvrtc-builtins.so.12.9'],
  ),
  pin(
    'cuda_nvcc',
    '12.9.86',
    OLD,
    '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    40_546_229,
    ['bin/ptxas', 'nvvm/libdevice/libdevice.10.bc'],
  ),
];

/** What TensorFlow opens by name when it looks for a GPU. */
export const LOADED_LIBRARIES: readonly string[] = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcufft.so.11',
  'libcusolver.so.11',
  'libcusparse.so.12',
  'libcudnn.so.9',
];

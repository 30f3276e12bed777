import type { Tensor } from '@tensorflow/tfjs';

/** Parameters by path, e.g. `encoder/block0/attention/query/kernel`. Checkpoints and optimiser state use the same paths. */
export type Parameters = Readonly<Record<string, Tensor>>;

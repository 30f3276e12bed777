import type { DeepReadonly } from '../../config/freeze.js';
import type { PretrainSettings } from '../../config/schema/pretrain.js';
import { estimatePretraining } from '../../pipeline/estimate.js';
import { runInTrainer } from './run-in-trainer.js';

await runInTrainer((settings: DeepReadonly<PretrainSettings>, context) =>
  estimatePretraining(settings, context),
);

import type { DeepReadonly } from '../config/freeze.js';
import type { PretrainSettings } from '../config/schema/pretrain.js';
import { createFrontEnd, type FrontEnd, type FrontEndSettings } from '../data/inputs/front-end.js';
import type { DatasetHeader } from '../data/pose.js';
import { shapeTokens, type WindowSettings } from '../data/windows/window-settings.js';
import type { Encoder, EncoderShape } from '../model/encoders/encoder.js';
import { buildMlp } from '../model/encoders/mlp.js';
import { buildTemporalConv } from '../model/encoders/temporal-conv.js';
import { buildTransformer } from '../model/encoders/transformer.js';
import { type CombinedObjective, combineObjectives } from '../model/objectives/combine.js';
import { buildContrastive } from '../model/objectives/contrastive.js';
import { buildDenoised } from '../model/objectives/denoised.js';
import { buildFuture } from '../model/objectives/future.js';
import { buildMasked } from '../model/objectives/masked.js';
import type { Objective, ObjectiveShape } from '../model/objectives/objective.js';
import { buildTeacher } from '../model/objectives/teacher.js';

/** The settings that decide what an encoder is. They are kept in its checkpoint. */
export type ModelSettings = DeepReadonly<
  Pick<PretrainSettings, 'window' | 'bodyLength' | 'inputs' | 'targets' | 'kinematics' | 'encoder'>
>;

/** An encoder with everything that stands between it and poses. */
export interface Model {
  readonly settings: ModelSettings;
  readonly window: WindowSettings;
  readonly frontEnd: FrontEnd;
  readonly encoder: Encoder;
}

/** Builds front-end and encoder for a data set's skeleton and animals. @throws UserError where settings contradict */
export function buildModel(settings: ModelSettings, header: DatasetHeader): Model {
  const frontEnd = createFrontEnd(frontEndSettings(settings), header);
  return {
    settings,
    window: settings.window,
    frontEnd,
    encoder: buildEncoder(settings.encoder, encoderShape(settings, frontEnd)),
  };
}

/** The settings of the front-end, as the data room takes them. */
export function frontEndSettings(settings: ModelSettings): FrontEndSettings {
  const { targets, kinematics, window } = settings;
  const { limit, ...inputs } = settings.inputs;
  return { framesPerSecond: window.framesPerSecond, inputs, targets, kinematics, limit };
}

/** Encoders that see all tokens get a flag for the hidden ones. */
function encoderShape({ window, encoder }: ModelSettings, frontEnd: FrontEnd): EncoderShape {
  const { tokens, channels } = shapeTokens(window, frontEnd);
  return { channels: channels + (encoder.type === 'temporalConv' ? 1 : 0), windowTokens: tokens };
}

function buildEncoder(settings: ModelSettings['encoder'], shape: EncoderShape): Encoder {
  switch (settings.type) {
    case 'transformer':
      return buildTransformer(shape, settings);
    case 'temporalConv':
      return buildTemporalConv(shape, settings);
    case 'mlp':
      return buildMlp(shape, settings);
  }
}

/** Builds the weighted sum of objectives on top of an encoder. @throws UserError where their needs contradict */
export function buildObjective(
  settings: DeepReadonly<PretrainSettings>['objectives'],
  { encoder, window, frontEnd }: Model,
): CombinedObjective {
  const { tokens: windowTokens, targets: targetChannels } = shapeTokens(window, frontEnd);
  const shape: ObjectiveShape = {
    width: encoder.width,
    windowTokens,
    targetChannels,
    tokens: encoder.tokens,
  };
  return combineObjectives(
    settings.map((options) => ({
      objective: buildOne(options, shape),
      weight: options.weight,
      warmupSteps: options.warmupSteps,
    })),
  );
}

function buildOne(
  options: DeepReadonly<PretrainSettings>['objectives'][number],
  shape: ObjectiveShape,
): Objective {
  switch (options.type) {
    case 'masked':
      return buildMasked(shape, options);
    case 'denoised':
      return buildDenoised(shape, options);
    case 'teacher':
      return buildTeacher(shape, options);
    case 'contrastive':
      return buildContrastive(shape, options);
    case 'future':
      return buildFuture(shape, options);
  }
}

import type { z } from 'zod';
import { type FutureChecked, futures } from './future-rule.js';
import { type Contradiction, type Place, rule } from './rule.js';

/**
 * What the builders of windows, encoders and objectives refuse, known from the settings alone: `config check` tells it
 * with its line, all at once, before any data is there.
 */
export function withPretrainRules<Schema extends z.ZodType<Checked>>(schema: Schema): Schema {
  return schema
    .superRefine(...rule<Checked>(['window'], wholeTokens))
    .superRefine(...rule<Checked>(['encoder'], encoderSizes))
    .superRefine(...rule<Checked>(['inputs'], someInput))
    .superRefine(...rule<Checked>(['inputs', 'targets'], someContext))
    .superRefine(...rule<Checked>(['objectives', 'encoder'], decoderSizes))
    .superRefine(...rule<Checked>(['objectives', 'window'], masks))
    .superRefine(...rule<Checked>(['objectives', 'encoder'], seenTokens))
    .superRefine(...rule<Checked>(['objectives', 'encoder'], taughtLayers))
    .superRefine(...rule<Checked>(['objectives', 'targets'], someTarget))
    .superRefine(...rule<Checked>(['objectives'], oneOfEach))
    .superRefine(...rule<Checked>(['objectives', 'training'], teachersAndPairs))
    .superRefine(...rule<Checked>(['objectives', 'window', 'inputs', 'training'], futures))
    .superRefine(...rule<Checked>(['training'], rates))
    .superRefine(...rule<Checked>(['data.holdOut'], remainders))
    .superRefine(...rule<Checked>(['probe'], monitors));
}

interface Decoder {
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
}

type Channels = Readonly<Record<'pose' | 'motion' | 'keypointMotion' | 'kinematics', boolean>>;

interface ObjectiveSettings {
  readonly type: string;
  readonly horizonsSeconds?: readonly number[];
  readonly maskRatio?: number;
  readonly spanTokens?: number;
  readonly layers?: number;
  readonly visibleWeight?: number;
  readonly decoder?: Decoder;
  readonly positives?: { readonly kind: string; readonly withinSeconds?: number };
}

/** The settings that rules read. */
interface Checked extends FutureChecked {
  readonly data: {
    readonly holdOut: {
      readonly modulo: { readonly divisor: number; readonly remainders: readonly number[] } | null;
    };
  };
  readonly window: FutureChecked['window'] & { readonly patchFrames: number };
  readonly inputs: Channels & {
    readonly context: (Channels & { readonly scalesSeconds: readonly number[] }) | null;
  };
  readonly targets: Channels & { readonly context: boolean };
  readonly encoder: {
    readonly type: string;
    readonly width: number;
    readonly heads?: number;
    readonly layers?: number;
    readonly kernelTokens?: number;
    readonly dilations?: readonly number[];
  };
  readonly objectives: readonly ObjectiveSettings[];
  readonly training: {
    readonly batchWindows: number;
    readonly learningRate: number;
    readonly finalLearningRate: number;
    readonly averageDecay: number | null;
  };
  readonly probe: {
    readonly track: string | null;
    readonly monitor: { readonly metric: string } | null;
  } | null;
}

function wholeTokens({ window: { windowFrames, patchFrames } }: Checked): readonly Contradiction[] {
  if (windowFrames % patchFrames === 0) return [];
  const near = Math.max(1, Math.round(windowFrames / patchFrames)) * patchFrames;
  const message = `must be a multiple of window.patchFrames (${patchFrames}), got ${windowFrames}: ${near}, for example`;
  return [
    {
      at: [
        ['window', 'windowFrames'],
        ['window', 'patchFrames'],
      ],
      message,
    },
  ];
}

function encoderSizes({ encoder }: Checked): readonly Contradiction[] {
  const { width, heads, kernelTokens } = encoder;
  const found: Contradiction[] = [];
  if (heads !== undefined) found.push(...headsFit(['encoder'], width, heads));
  if (kernelTokens !== undefined && kernelTokens % 2 === 0) {
    const message = `must be odd, got ${kernelTokens}: ${kernelTokens + 1} looks equally far to both sides`;
    found.push({ at: [['encoder', 'kernelTokens']], message });
  }
  return found;
}

function headsFit(section: Place, width: number, heads: number): readonly Contradiction[] {
  if (width % heads === 0) return [];
  const near = Math.ceil(width / heads) * heads;
  const message = `must be a multiple of ${[...section, 'heads'].join('.')} (${heads}), got ${width}: ${near}, for example`;
  return [
    {
      at: [
        [...section, 'width'],
        [...section, 'heads'],
      ],
      message,
    },
  ];
}

const GROUPS = ['pose', 'motion', 'keypointMotion', 'kinematics'] as const;

function hasChannels(channels: Channels): boolean {
  return GROUPS.some((group) => channels[group]);
}

function someInput({ inputs }: Checked): readonly Contradiction[] {
  if (hasChannels(inputs) || inputs.context !== null) return [];
  const message = `must turn at least one of ${GROUPS.join(', ')} on, or describe a context`;
  return [{ at: [['inputs']], message }];
}

/** A context is of some channels, and a target only where it is an input. */
function someContext({ inputs: { context }, targets }: Checked): readonly Contradiction[] {
  if (context === null && targets.context) {
    const message = 'must be false while inputs.context is null';
    return [
      {
        at: [
          ['targets', 'context'],
          ['inputs', 'context'],
        ],
        message,
      },
    ];
  }
  if (context === null || hasChannels(context)) return [];
  return [{ at: [['inputs', 'context']], message: `must turn at least one of ${GROUPS.join(', ')} on` }];
}

function someTarget({ targets, objectives }: Checked): readonly Contradiction[] {
  const needy = objectives.find(({ type }) => type === 'masked' || type === 'denoised');
  if (needy === undefined || hasChannels(targets) || targets.context) return [];
  const message = `must turn at least one of ${GROUPS.join(', ')}, context on: the objective ${needy.type} reconstructs them`;
  return [{ at: [['targets']], message }];
}

function decoderSizes({ objectives, encoder }: Checked): readonly Contradiction[] {
  return objectives.flatMap(({ decoder }, index) => {
    if (decoder === undefined) return [];
    const section = ['objectives', index, 'decoder'];
    const found = [...headsFit(section, decoder.width, decoder.heads)];
    if (decoder.layers === 0 && encoder.type !== 'temporalConv') {
      const message = `must be at least 1 with encoder.type ${encoder.type}: hidden tokens know nothing else of visible ones`;
      found.push({ at: [[...section, 'layers']], message });
    }
    return found;
  });
}

/** Objectives share one batch, and so one mask; some of its tokens are hidden and some are not. */
function masks({ objectives, window: { windowFrames, patchFrames } }: Checked): readonly Contradiction[] {
  const masked = objectives.flatMap(({ type, maskRatio, spanTokens }, index) =>
    maskRatio === undefined || (type === 'denoised' && maskRatio === 0)
      ? []
      : [{ type, maskRatio, spanTokens, index }],
  );
  const tokens = Math.floor(windowFrames / patchFrames);
  const [first, ...others] = masked;
  return masked.flatMap(({ type, maskRatio, spanTokens, index }) => {
    const found: Contradiction[] = [];
    const hidden = Math.round(tokens * maskRatio);
    if (hidden === 0 || hidden >= tokens) {
      const message = `hides ${hidden} of ${tokens} tokens, got ${maskRatio}: some must be hidden and some visible`;
      found.push({
        at: [
          ['objectives', index, 'maskRatio'],
          ['window', 'windowFrames'],
        ],
        message,
      });
    }
    if (others.every((other) => other.index !== index)) return found;
    for (const [name, own, wanted] of [
      ['maskRatio', maskRatio, first.maskRatio],
      ['spanTokens', spanTokens, first.spanTokens],
    ] as const) {
      if (own === wanted) continue;
      const message = `must be ${wanted} as that of ${first.type}, got ${own}: ${type} shares its batch`;
      found.push({
        at: [
          ['objectives', index, name],
          ['objectives', first.index, name],
        ],
        message,
      });
    }
    return found;
  });
}

/** Of a masked window an encoder of visible tokens says nothing but what it saw. */
function seenTokens({ objectives, encoder }: Checked): readonly Contradiction[] {
  const isMasked = objectives.some(({ maskRatio = 0 }) => maskRatio > 0);
  if (!isMasked || encoder.type === 'temporalConv') return [];
  return objectives.flatMap(({ visibleWeight }, index) => {
    if (visibleWeight !== 0) return [];
    const message = `must be above 0 with encoder.type ${encoder.type}, got 0: it is asked about visible tokens only`;
    return [{ at: [['objectives', index, 'visibleWeight'], ['encoder']], message }];
  });
}

function taughtLayers({ objectives, encoder }: Checked): readonly Contradiction[] {
  const most = encoder.layers ?? encoder.dilations?.length ?? 1;
  return objectives.flatMap(({ type, layers = 0 }, index) => {
    if (type !== 'teacher' || layers <= most) return [];
    const message = `must be at most ${most}, the layers of the encoder, got ${layers}`;
    return [{ at: [['objectives', index, 'layers'], ['encoder']], message }];
  });
}

function oneOfEach({ objectives }: Checked): readonly Contradiction[] {
  const types = objectives.map(({ type }) => type);
  return types.flatMap((type, index) => {
    const first = types.indexOf(type);
    if (first === index) return [];
    return [{ at: [['objectives', index, 'type']], message: `is ${type} again, as objectives.${first} is` }];
  });
}

function teachersAndPairs({ objectives, training }: Checked): readonly Contradiction[] {
  return objectives.flatMap(({ type, positives }): readonly Contradiction[] => {
    if (type === 'teacher' && training.averageDecay === null) {
      const message = 'must be a number below 1, e.g. 0.999, for the objective teacher, got null';
      return [{ at: [['training', 'averageDecay'], ['objectives']], message }];
    }
    if (positives?.kind === 'neighbours' && training.batchWindows % 2 === 1) {
      const message = `must be even for positives of kind neighbours (half windows, half neighbours), got ${training.batchWindows}`;
      return [{ at: [['training', 'batchWindows'], ['objectives']], message }];
    }
    return [];
  });
}

function rates({ training }: Checked): readonly Contradiction[] {
  const { learningRate, finalLearningRate } = training;
  if (finalLearningRate <= learningRate) return [];
  const message = `must be at most training.learningRate (${learningRate}), got ${finalLearningRate}`;
  return [
    {
      at: [
        ['training', 'finalLearningRate'],
        ['training', 'learningRate'],
      ],
      message,
    },
  ];
}

function remainders({ data: { holdOut } }: Checked): readonly Contradiction[] {
  const { modulo } = holdOut;
  return (modulo?.remainders ?? []).flatMap((remainder, index) =>
    modulo === null || remainder < modulo.divisor
      ? []
      : [
          {
            at: [['data', 'holdOut', 'modulo', 'remainders', index]],
            message: `must be below the divisor (${modulo.divisor}), got ${remainder}`,
          },
        ],
  );
}

/** What the guards measure: always, and where labels are named. */
export const GUARD_METRICS = [
  'spread',
  'effective rank',
  'alignment',
  'uniformity',
  'recording identity',
] as const;
/** The guard that is there where a label track is named. */
export const LABEL_METRIC = 'neighbours agree';

function monitors({ probe }: Checked): readonly Contradiction[] {
  const metric = probe?.monitor?.metric;
  if (probe === null || metric === undefined) return [];
  if ((GUARD_METRICS as readonly string[]).includes(metric)) return [];
  const at = [['probe', 'monitor', 'metric']];
  if (metric !== LABEL_METRIC) {
    return [{ at, message: `must be one of ${[...GUARD_METRICS, LABEL_METRIC].join(', ')}, got ${metric}` }];
  }
  return probe.track === null
    ? [{ at, message: 'is measured only where probe.track names a label track' }]
    : [];
}

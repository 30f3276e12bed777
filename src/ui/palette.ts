import type { TextProps } from 'ink';

export type TextStyle = Pick<TextProps, 'color' | 'dimColor'>;

/** Styles by meaning; with NO_COLOR none of them is used, and every meaning is also in words. */
export interface Palette {
  readonly accent: TextStyle;
  readonly good: TextStyle;
  readonly bad: TextStyle;
  readonly quiet: TextStyle;
  readonly curves: readonly TextStyle[];
}

export const COLOURS: Palette = {
  accent: { color: 'cyan' },
  good: { color: 'green' },
  bad: { color: 'yellow' },
  quiet: { dimColor: true },
  curves: [{}, { color: 'cyan' }, { color: 'magenta' }, { color: 'green' }, { color: 'blue' }],
};

export const NO_COLOURS: Palette = { accent: {}, good: {}, bad: {}, quiet: {}, curves: [{}] };

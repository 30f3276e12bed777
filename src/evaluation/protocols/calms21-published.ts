/** A row of a paper: figures by group and metric, as printed there. */
export interface PublishedRow {
  readonly name: string;
  /** `unverified`: only recollection stands behind it. */
  readonly status: 'published' | 'unverified';
  /** Keys are `group/metric`. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Figures on CalMS21's test files (Sun et al. 2021 and later work). */
export const CALMS21_PUBLISHED: readonly PublishedRow[] = [
  {
    name: '1D conv net on pose (official baseline, 5 seeds)',
    status: 'published',
    figures: {
      'task1/f1': 0.793,
      'task1/map': 0.856,
      'task2/f1': 0.754,
      'task2/map': 0.813,
      'task2 zero-shot/f1': 0.692,
      'task2 zero-shot/map': 0.763,
      'task3/f1': 0.338,
      'task3/map': 0.317,
    },
  },
  {
    name: 'pose + TREBA (task programming)',
    status: 'published',
    figures: {
      'task1/f1': 0.829,
      'task1/map': 0.889,
      'task2/f1': 0.774,
      'task2/map': 0.835,
      'task3/f1': 0.328,
      'task3/map': 0.32,
    },
  },
  {
    name: 'challenge winner (CPC, 32-fold ensemble, transductive)',
    status: 'unverified',
    figures: {
      'task1/f1': 0.864,
      'task1/map': 0.914,
      'task2/f1': 0.809,
      'task2/map': 0.857,
      'task3/f1': 0.319,
      'task3/map': 0.363,
    },
  },
];

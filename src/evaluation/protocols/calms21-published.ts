import type { TaskResult } from './run-task.js';

/** A row of a paper: figures by group and metric, as printed there. */
export interface PublishedRow {
  readonly name: string;
  /** `unverified`: only recollection stands behind it. */
  readonly status: 'published' | 'unverified';
  /** Keys are `group/metric`. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Figures on CalMS21's test files (Sun et al. 2021 and later work). */
const CALMS21_PUBLISHED: readonly PublishedRow[] = [
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

/** Frames of CalMS21's test files by task: those of each scored class, and all (from the official results by seed). */
const TEST_FRAMES: Readonly<Record<string, { readonly classes: readonly number[]; readonly all: number }>> = {
  task1: { classes: [12_630, 61_280, 31_850], all: 262_107 },
  'task2/annotator1': { classes: [9933, 67_800, 36_431], all: 286_810 },
  'task2/annotator2': { classes: [4173, 39_708, 719], all: 150_919 },
  'task2/annotator3': { classes: [4061, 16_114, 7235], all: 77_079 },
  'task2/annotator4': { classes: [8809, 18_337, 11_506], all: 76_174 },
  'task2/annotator5': { classes: [11_486, 81_834, 530], all: 364_007 },
  'task3/approach': { classes: [3824], all: 126_468 },
  'task3/disengaged': { classes: [228], all: 19_088 },
  'task3/groom': { classes: [8540], all: 156_664 },
  'task3/intromission': { classes: [7396], all: 55_218 },
  'task3/mount_attempt': { classes: [473], all: 85_836 },
  'task3/sniff_face': { classes: [15_057], all: 251_793 },
  'task3/whiterearing': { classes: [2638], all: 17_939 },
};

/** Copies of the labels differ by a few frames. */
const CLASS_TOLERANCE = 0.01;

/** Figures of papers that may stand beside some results, and what is to be said about them. */
export interface PublishedRows {
  readonly rows: readonly PublishedRow[];
  readonly note: string | null;
}

/**
 * Published rows for those groups of tasks that were scored on the frames of CalMS21's own test files. Beside simulated
 * mice, or a part of the files, they would be figures about something else.
 */
export function publishedBeside(
  results: readonly Pick<TaskResult, 'task' | 'group' | 'frames' | 'classes'>[],
): PublishedRows {
  const others = new Set(results.filter((result) => !isOnTestFiles(result)).map(({ group }) => group));
  const groups = new Set(results.map(({ group }) => group).filter((group) => !others.has(group)));
  const rows = CALMS21_PUBLISHED.map((row) => ({
    ...row,
    figures: Object.fromEntries(
      Object.entries(row.figures).filter(([key]) => groups.has(key.slice(0, key.lastIndexOf('/')))),
    ),
  })).filter(({ figures }) => Object.keys(figures).length > 0);
  const notes = [
    ...(rows.length > 0 ? ['Published rows come from papers; they were not measured here.'] : []),
    ...(others.size > 0
      ? [
          `Published figures are not shown for ${[...others].join(', ')}: what is scored there is not CalMS21's test files.`,
        ]
      : []),
  ];
  return { rows, note: notes.join(' ') || null };
}

function isOnTestFiles({ task, frames, classes }: Pick<TaskResult, 'task' | 'frames' | 'classes'>): boolean {
  const known = TEST_FRAMES[task.replace(/\/zero-shot$/, '')];
  return (
    known?.all === frames &&
    known.classes.length === classes.length &&
    classes.every(
      ({ support }, at) => Math.abs(support - known.classes[at]) <= CLASS_TOLERANCE * known.classes[at],
    )
  );
}

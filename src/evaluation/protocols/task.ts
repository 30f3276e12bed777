/** What is asked of features: plain data. A task becomes runnable by `openTask`, which knows a data set. */
export interface Task {
  readonly name: string;
  /** Tasks of a group are averaged into one column of a table (the annotators of CalMS21's task 2). */
  readonly group: string;
  readonly track: string;
  readonly kind: 'multiclass' | 'binary';
  /** Classes that the head tells apart, by name; frames of other classes are neither trained on nor scored. */
  readonly classes: readonly string[];
  /** Classes that are averaged; for a binary task the behaviour alone. */
  readonly scoredClasses: readonly string[];
  readonly split: TaskSplit;
  /**
   * `free`: a head of its own. `tied`: held towards the head of the task `anchor`, which must have the same classes.
   * `zero-shot`: that head as it is.
   */
  readonly fitting: 'free' | 'tied' | 'zero-shot';
  readonly anchor: string | null;
}

/** Which recordings are trained on and which are scored. The predictions of all splits of a task are pooled. */
export type TaskSplit =
  | { readonly by: 'subset'; readonly train: string; readonly test: string }
  /** Fold = the first number in a recording's id, modulo `count`. */
  | { readonly by: 'number-modulo'; readonly subset: string | null; readonly count: number }
  /** Folds that hold each class in equal parts, as far as whole recordings allow. */
  | { readonly by: 'balanced-folds'; readonly subset: string | null; readonly count: number }
  /**
   * Trained on the recordings with these numbers (the first number in the id), scored on all others: at once, or
   * (`folds`) those of one fold after another (number modulo `folds`), so that each fold can have an encoder of its own.
   */
  | {
      readonly by: 'numbers';
      readonly subset: string | null;
      readonly train: readonly number[];
      readonly folds: number | null;
    };

/** One training part and one scored part of a task: indices into `dataset.recordings`. */
export interface Split {
  readonly name: string;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** A part of the training labels. `recordings`, `share` take whole recordings; `bouts`: so many bouts of each class. */
export type FewLabels =
  | { readonly recordings: number }
  | { readonly share: number }
  | { readonly bouts: number };

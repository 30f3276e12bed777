/** Frames [start, stop) of a recording. */
export interface Place {
  readonly recording: number;
  readonly start: number;
  readonly stop: number;
}

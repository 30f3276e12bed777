import { h } from './dom.js';
import type { Model } from './model.js';
import type { Place } from './place.js';

/** What sections are built with. */
export interface PageWorld {
  readonly model: Model;
  /** Plays a stretch, and says why. */
  readonly play: (place: Place, why: string) => void;
  /** Calls with what the player shows; null: it was closed. */
  readonly onFrame: (listener: (recording: number | null, frame: number) => void) => void;
  /** Registers what is drawn anew on other colours and widths. */
  readonly onRedraw: (draw: () => void) => void;
}

/** A part of the page. */
export interface Section {
  /** Its place in the address. */
  readonly id: string;
  readonly title: string;
  readonly element: HTMLElement;
}

/** Builds a section; null where the report has nothing for it. */
export type BuildSection = (world: PageWorld) => Section | null;

export function section(id: string, title: string, ...content: readonly (Node | null)[]): Section {
  return { id, title, element: h('section', { id }, h('h2', {}, title), ...content) };
}

/** A place for a picture that is drawn anew when it must. */
export function slot({ onRedraw }: PageWorld, draw: () => Node): HTMLElement {
  const element = h('div');
  onRedraw(() => element.replaceChildren(draw()));
  return element;
}

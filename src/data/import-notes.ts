/** Collects what happened many times into one line each. */
export class ImportNotes {
  readonly #items = new Map<string, Set<string>>();

  add(what: string, item: string): void {
    const items = this.#items.get(what) ?? new Set();
    this.#items.set(what, items.add(item));
  }

  lines(): string[] {
    return [...this.#items].map(([what, items]) => `${what} (${items.size}): ${[...items].join(', ')}`);
  }
}

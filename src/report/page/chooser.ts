import { h, select } from './dom.js';
import type { Model } from './model.js';

/** Choices of run, task and row, for the sections that show one of each; a choice of one thing is left out. */
export function createChooser(model: Model): HTMLElement {
  const bar = h('div', { class: 'bar chooser' });
  const fill = () => {
    const { run, task, row } = model.selection();
    const choices: HTMLElement[] = [];
    const offer = (
      label: string,
      options: readonly string[],
      chosen: number,
      onChoice: (index: number) => void,
    ) => {
      if (options.length > 1) choices.push(select(label, options, chosen, onChoice));
    };
    const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
    offer('Run', names(model.pictured), run, (index) => model.select({ run: index, task: 0, row: 0 }));
    offer('Task', names(model.run().tasks), task, (index) => model.select({ task: index }));
    const rows = model.task().rows.map(({ features }) => features);
    offer('Features', rows, row, (index) => model.select({ row: index }));
    bar.replaceChildren(...choices);
  };
  fill();
  model.onSelect(fill);
  return bar;
}

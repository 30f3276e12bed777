/** What an element is made of; texts go in as text, never as HTML. */
type Child = Node | string | null;

export type Attributes = Readonly<Record<string, string | number | boolean | ((event: never) => void)>>;

/** Makes an element. `on...` attributes are listeners; `true` sets an attribute without a value, `false` none. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

let figures = 0;

/** A numbered figure with its caption. */
export function figure(title: string, caption: string, ...content: readonly Child[]): HTMLElement {
  figures++;
  return h(
    'figure',
    {},
    ...content,
    h('figcaption', {}, h('b', {}, `Figure ${figures}. ${title}`), caption === '' ? '' : ` ${caption}`),
  );
}

/** A choice among a few things, told by its label. */
export function select(
  label: string,
  options: readonly string[],
  chosen: number,
  onChoice: (index: number) => void,
): HTMLElement {
  const field = h(
    'select',
    { onchange: () => onChoice(field.selectedIndex) },
    ...options.map((name, index) => h('option', index === chosen ? { selected: true } : {}, name)),
  );
  return h('label', { class: 'choice' }, h('span', {}, label), field);
}

/** Buttons of which one is pressed. */
export function toggle(
  label: string,
  options: readonly string[],
  chosen: number,
  onChoice: (index: number) => void,
): HTMLElement {
  const buttons = options.map((name, index) =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': String(index === chosen),
        onclick: () => {
          for (const [other, button] of buttons.entries())
            button.setAttribute('aria-pressed', String(other === index));
          onChoice(index);
        },
      },
      name,
    ),
  );
  return h('div', { class: 'choice', role: 'group', 'aria-label': label }, h('span', {}, label), ...buttons);
}

/** A table whose first column names the rows; it scrolls by itself where the page is narrow. */
export function table(
  header: readonly Child[],
  rows: readonly (readonly Child[])[],
  attributes: Attributes = {},
): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0 },
    h(
      'table',
      attributes,
      h('thead', {}, h('tr', {}, ...header.map((cell) => h('th', { scope: 'col' }, cell)))),
      h(
        'tbody',
        {},
        ...rows.map(([first, ...cells]) =>
          h('tr', {}, h('th', { scope: 'row' }, first), ...cells.map((cell) => h('td', {}, cell))),
        ),
      ),
    ),
  );
}

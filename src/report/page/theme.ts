/** Okabe & Ito's colours (2008), told apart by all common kinds of colour vision; yellow last, it is faint on paper. */
const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d31', '#f0e442'];
const DARK_PALETTE = ['#4ba3e3', '#f28a45', '#2fc79b', '#e29cc4', '#f2b53a', '#8fd0f5', '#c9a860', '#f0e442'];

export interface Theme {
  readonly isDark: boolean;
  readonly palette: readonly string[];
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly paper: string;
  /** Of classes that are not scored. */
  readonly grey: string;
}

const CHOICES = ['auto', 'light', 'dark'] as const;

/** What decides: the button's choice, the system's where that is `auto`; print is always light. */
let choice: (typeof CHOICES)[number] = 'auto';
let isPrinting = false;
const system = matchMedia('(prefers-color-scheme: dark)');
let onChange = () => {};

/** The colours of now, as the style sheet has them. */
export function readTheme(): Theme {
  const root = document.documentElement;
  const style = getComputedStyle(root);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const isDark = root.dataset.theme === 'dark';
  return {
    isDark,
    palette: isDark ? DARK_PALETTE : PALETTE,
    ink: colour('--ink'),
    faint: colour('--faint'),
    line: colour('--line'),
    paper: colour('--paper'),
    grey: colour('--grey'),
  };
}

/** A colour for each class: those that are not scored are grey. */
export function classColours(classes: readonly string[], scored: readonly string[], theme: Theme): string[] {
  let next = 0;
  return classes.map((name) =>
    scored.includes(name) ? theme.palette[next++ % theme.palette.length] : theme.grey,
  );
}

/** Puts the page into its colours, and calls when they have changed: by the system, by the button, for print. */
export function watchTheme(redraw: () => void): void {
  apply();
  onChange = redraw;
  system.addEventListener('change', apply);
  for (const event of ['beforeprint', 'afterprint']) {
    addEventListener(event, () => {
      isPrinting = event === 'beforeprint';
      apply();
    });
  }
}

function apply(): void {
  const isDark = !isPrinting && (choice === 'auto' ? system.matches : choice === 'dark');
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  onChange();
}

/** The button that goes through system, light and dark. */
export function createThemeButton(): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'theme';
  const show = () => {
    button.textContent = `Colours: ${choice}`;
  };
  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    show();
    apply();
  });
  show();
  return button;
}

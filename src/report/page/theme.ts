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

let isPrinting = false;

/** The colours of now: print is always light. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const isDark = !isPrinting && style.getPropertyValue('--is-dark').trim() === '1';
  const colour = (name: string) => style.getPropertyValue(name).trim();
  if (isPrinting)
    return {
      isDark,
      palette: PALETTE,
      ink: '#1a1a1a',
      faint: '#666',
      line: '#ddd',
      paper: '#fff',
      grey: '#c4c8cc',
    };
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

/** Calls when colours have changed: by the system, by the button, for print and after it. */
export function watchTheme(onChange: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  addEventListener('beforeprint', () => {
    isPrinting = true;
    onChange();
  });
  addEventListener('afterprint', () => {
    isPrinting = false;
    onChange();
  });
}

const THEMES = ['auto', 'light', 'dark'] as const;

/** The button that goes through system, light and dark. */
export function createThemeButton(onChange: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'theme';
  let chosen = 0;
  const show = () => {
    const name = THEMES[chosen];
    document.documentElement.dataset.theme = name;
    button.textContent = `Colours: ${name}`;
  };
  button.addEventListener('click', () => {
    chosen = (chosen + 1) % THEMES.length;
    show();
    onChange();
  });
  show();
  return button;
}

import { drawPrecisionRecall, legendOf } from '../charts.js';
import { createChooser } from '../chooser.js';
import { createConfusion } from '../confusion.js';
import { figure, h } from '../dom.js';
import { type BuildSection, section } from '../section.js';
import { classesTable } from '../tables.js';
import { classColours, readTheme } from '../theme.js';

/** Figures, precision over recall and confusion of the classes of one task and row. */
export const buildClasses: BuildSection = ({ model, play, onRedraw }) => {
  if (model.pictured.length === 0) return null;
  const numbers = h('div');
  const curves = h('div', { class: 'picture' });
  const confusion = h('div');
  const draw = () => {
    const theme = readTheme();
    const { classes, scoredClasses } = model.task();
    const row = model.row();
    const byClass = classColours(classes, scoredClasses, theme);
    const colours = row.curves.map(({ name }) => byClass[classes.indexOf(name)]);
    const names = row.curves.map(
      ({ name, averagePrecision }) => `${name} ${averagePrecision.toFixed(3).replace(/^0/, '')}`,
    );
    curves.replaceChildren(legendOf(names, colours), drawPrecisionRecall(row.curves, colours, theme));
  };
  const fill = () => {
    numbers.replaceChildren(classesTable(model.row().classes));
    confusion.replaceChildren(createConfusion(model, play));
    draw();
  };
  fill();
  model.onSelect(fill);
  onRedraw(draw);
  return section(
    'classes',
    'Classes',
    createChooser(model),
    numbers,
    h(
      'p',
      { class: 'fine' },
      'AP: average precision, one class against the rest. Bouts match one to one at an overlap (intersection over union) of a half.',
    ),
    h(
      'div',
      { class: 'pair' },
      figure(
        'Precision over recall.',
        'Numbers: average precision. Dotted: the share of the class, which is chance.',
        curves,
      ),
      figure(
        'Confusion.',
        'Shares of each true class, and frames. A cell lists its longest stretches and plays them.',
        confusion,
      ),
    ),
  );
};

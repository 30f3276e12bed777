import { legendOf } from '../charts.js';
import { createChooser } from '../chooser.js';
import { figure, h } from '../dom.js';
import { createEthogram, type Ethogram } from '../ethogram.js';
import { type BuildSection, section } from '../section.js';
import { classColours, readTheme } from '../theme.js';

/** True over predicted classes of every recording in the page, by one task and row. */
export const buildEthograms: BuildSection = ({ model, play, onFrame, onRedraw }) => {
  if (model.pictured.length === 0 || model.data.poses === null) return null;
  const legend = h('div');
  const strips = h('div');
  let all: { readonly recording: number; readonly strip: Ethogram }[] = [];
  const draw = () => {
    const { classes, scoredClasses } = model.task();
    legend.replaceChildren(legendOf(classes, classColours(classes, scoredClasses, readTheme())));
    for (const { strip } of all) strip.draw();
  };
  const fill = () => {
    all = model.tracks().map((track) => ({
      recording: track.recording,
      strip: createEthogram(track, (place) => play(place, model.row().features)),
    }));
    strips.replaceChildren(
      ...(all.length === 0
        ? [h('p', { class: 'none' }, 'The run has kept no predictions of this task and row.')]
        : all.map(({ strip }) => strip.element)),
    );
    if (strips.isConnected) draw();
  };
  fill();
  model.onSelect(fill);
  onRedraw(draw);
  onFrame((recording, frame) => {
    for (const own of all) own.strip.mark(own.recording === recording ? frame : null);
  });
  return section(
    'ethograms',
    'Ethograms',
    createChooser(model),
    figure(
      'What was annotated, over what was predicted.',
      'Time in minutes:seconds; p: the probability of the prediction. Click to play; Shift + wheel or + and − zoom, drag or arrows move, 0 shows all.',
      legend,
      strips,
    ),
  );
};

/** The report's own script: reads the data that the page carries and draws it. Nothing is fetched. */
import type { ReportData } from '../report-data.js';
import { drawLearningCurves, drawPrecisionRecall, drawResults, drawTraining, legendOf } from './charts.js';
import { createConfusion } from './confusion.js';
import { figure, h, select } from './dom.js';
import { createEmbeddingView } from './embedding.js';
import { createEthogram, type Ethogram } from './ethogram.js';
import { createModel, type Model } from './model.js';
import type { Place } from './place.js';
import { createPlayer } from './player.js';
import {
  classesTable,
  differencesTable,
  factsOf,
  resultsTable,
  suggestionsTable,
  sweepTable,
} from './sections.js';
import { classColours, createThemeButton, readTheme, watchTheme } from './theme.js';
import { openBlob } from './unpack.js';

type Play = (place: Place, why: string) => void;

/** A part of the page that can be drawn anew: on other colours, widths and selections. */
interface Drawn {
  readonly draw: () => void;
}

async function main(): Promise<void> {
  const text = (id: string) => document.getElementById(id)?.textContent ?? '';
  const data = JSON.parse(text('report-data')) as ReportData;
  const model = createModel(data, openBlob(await inflate(text('report-blob').trim())));
  const drawn: Drawn[] = [];
  const redraw = () => {
    for (const part of drawn) part.draw();
  };
  const player = createPlayer(model);
  const play: Play = (place, why) => player.play(place, why);
  const sections = buildSections(model, drawn, play, player.onFrame);
  document.title = data.title;
  document.body.replaceChildren(
    header(data, sections, redraw),
    h('main', {}, ...sections.map(({ element }) => element)),
    player.element,
  );
  drawn.push(player);
  redraw();
  watchTheme(redraw);
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return; // a phone's address bar comes and goes
    width = innerWidth;
    redraw();
  });
  document.documentElement.dataset.state = 'ready';
}

/** The blob: base64 of raw deflate. */
async function inflate(base64: string): Promise<Uint8Array> {
  if (base64 === '') return new Uint8Array(0);
  if (typeof DecompressionStream === 'undefined')
    throw new Error('This browser is too old for the pictures of this page');
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Response(packed).body?.pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

interface Section {
  readonly id: string;
  readonly title: string;
  readonly element: HTMLElement;
}

function header(data: ReportData, sections: readonly Section[], onTheme: () => void): HTMLElement {
  const { poses, heads } = data;
  const about = [
    `Whisker ${data.version}`,
    `made ${data.made.replace('T', ' ').slice(0, 16)} UTC`,
    poses === null ? null : `data set ${poses.dataset}`,
    heads.length > 0 ? `${heads[0].tasks[0]?.rows[0]?.frames.toLocaleString('en-US')} scored frames` : null,
  ].filter((part) => part !== null);
  return h(
    'header',
    { class: 'top' },
    h(
      'div',
      { class: 'masthead' },
      h('p', { class: 'kicker' }, 'Report'),
      h('h1', {}, h('bdi', {}, data.title)),
      h('p', { class: 'about' }, about.join('  ·  ')),
    ),
    data.notes.length === 0
      ? null
      : h('ul', { class: 'notes' }, ...data.notes.map((note) => h('li', {}, note))),
    h(
      'nav',
      { 'aria-label': 'Parts of the report' },
      ...sections.map(({ id, title }) => h('a', { href: `#${id}` }, title)),
      createThemeButton(onTheme),
    ),
  );
}

function section(id: string, title: string, ...content: readonly (Node | null)[]): Section {
  return { id, title, element: h('section', { id }, h('h2', {}, title), ...content) };
}

function buildSections(
  model: Model,
  drawn: Drawn[],
  play: Play,
  onFrame: (listener: (recording: number | null, frame: number) => void) => void,
): Section[] {
  const { data } = model;
  const sections: Section[] = [];
  if (data.heads.length > 0) sections.push(results(model, drawn));
  if (data.sweeps.length > 0)
    sections.push(
      section(
        'sweeps',
        'Sweeps',
        ...data.sweeps.map((sweep) => h('div', {}, h('h3', {}, sweep.name), sweepTable(sweep))),
      ),
    );
  if (data.learningCurves.length > 0) {
    const slot = h('div');
    drawn.push({ draw: () => slot.replaceChildren(drawLearningCurves(data.learningCurves, readTheme())) });
    sections.push(
      section(
        'learning',
        'Learning curves',
        figure('How much labels are worth.', 'Bands: intervals over recordings and seeds.', slot),
      ),
    );
  }
  if (data.heads.length > 0) {
    sections.push(perClass(model, drawn, play));
    if (data.poses !== null) sections.push(ethograms(model, drawn, play, onFrame));
    if (data.heads.some(({ map }) => map !== null)) sections.push(embedding(model, drawn, play));
  }
  if (data.suggestions !== null) {
    const { task, features } = data.suggestions;
    const says = `Stretches that the heads of ${task} on ${features} are unsure of and that differ from each other. Uncertainty: mean entropy, 0 sure, 1 knows nothing.`;
    sections.push(
      section('suggestions', 'What to label next', h('p', {}, says), suggestionsTable(model, play)),
    );
  }
  if (data.pretrainings.length > 0) {
    const slot = h('div');
    drawn.push({ draw: () => slot.replaceChildren(drawTraining(data.pretrainings, readTheme())) });
    sections.push(
      section(
        'training',
        'Pretraining',
        figure('Losses, optimiser and guards over training steps.', 'Green bands: healthy ranges.', slot),
      ),
    );
  }
  sections.push(facts(data));
  return sections;
}

function results(model: Model, drawn: Drawn[]): Section {
  const { heads } = model.data;
  const parts = heads.map((run) => {
    const slot = h('div');
    drawn.push({ draw: () => slot.replaceChildren(drawResults(run, readTheme())) });
    return h(
      'div',
      {},
      heads.length > 1 ? h('h3', {}, h('bdi', {}, run.name)) : null,
      resultsTable(run),
      figure('Every row with its interval.', 'Hollow: controls. Dashed: chance.', slot),
      run.table.differences.length === 0
        ? null
        : h(
            'details',
            {},
            h('summary', {}, `Differences to the controls (${run.table.differences.length})`),
            differencesTable(run),
          ),
      h('p', { class: 'fine' }, run.table.notes.join(' ')),
    );
  });
  return section('results', 'Results', ...parts);
}

/** Choices of run, task and row, for the sections that show one of each. */
function chooser(model: Model): HTMLElement {
  const bar = h('div', { class: 'bar chooser' });
  const fill = () => {
    const { run, task, row } = model.selection();
    const { heads } = model.data;
    bar.replaceChildren(
      ...(heads.length > 1
        ? [
            select(
              'Run',
              heads.map(({ name }) => name),
              run,
              (index) => model.select({ run: index, task: 0, row: 0 }),
            ),
          ]
        : []),
      ...(model.run().tasks.length > 1
        ? [
            select(
              'Task',
              model.run().tasks.map(({ name }) => name),
              task,
              (index) => model.select({ task: index }),
            ),
          ]
        : []),
      select(
        'Features',
        model.task().rows.map(({ features }) => features),
        row,
        (index) => model.select({ row: index }),
      ),
    );
  };
  fill();
  model.onSelect(fill);
  return bar;
}

function perClass(model: Model, drawn: Drawn[], play: Play): Section {
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
  drawn.push({ draw });
  return section(
    'classes',
    'Classes',
    chooser(model),
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
}

function ethograms(
  model: Model,
  drawn: Drawn[],
  play: Play,
  onFrame: (listener: (recording: number | null, frame: number) => void) => void,
): Section {
  const legend = h('div');
  const strips = h('div');
  let all: { readonly recording: number; readonly strip: Ethogram }[] = [];
  const drawLegend = () => {
    const { classes, scoredClasses } = model.task();
    legend.replaceChildren(legendOf(classes, classColours(classes, scoredClasses, readTheme())));
  };
  const draw = () => {
    drawLegend();
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
  drawn.push({ draw });
  onFrame((recording, frame) => {
    for (const own of all) own.strip.mark(own.recording === recording ? frame : null);
  });
  return section(
    'ethograms',
    'Ethograms',
    chooser(model),
    figure(
      'What was annotated, over what was predicted.',
      'Time in minutes:seconds; p: the probability of the prediction. Click to play; Shift + wheel or + and − zoom, drag or arrows move, 0 shows all.',
      legend,
      strips,
    ),
  );
}

function embedding(model: Model, drawn: Drawn[], play: Play): Section {
  const slot = h('div');
  let view: Drawn | null = null;
  let shown = -1;
  const fill = () => {
    const { run } = model.selection();
    const { map } = model.run();
    if (run === shown) return view?.draw();
    shown = run;
    if (map === null) {
      view = null;
      slot.replaceChildren(h('p', { class: 'none' }, 'There is no map for this run.'));
      return;
    }
    const made = createEmbeddingView(model, map, (place) => play(place, 'map'));
    view = made;
    const shares = map.varianceShares.map((share) => `${(100 * share).toFixed(0)} %`).join(' and ');
    slot.replaceChildren(
      made.element,
      h(
        'p',
        { class: 'fine' },
        `Inputs of the head on ${map.features}, ${map.split}. The two principal components carry ${shares} of the variance. UMAP keeps neighbours together; distances between groups mean little.`,
      ),
    );
    if (slot.isConnected) made.draw();
  };
  fill();
  model.onSelect(fill);
  drawn.push({ draw: () => view?.draw() });
  return section(
    'map',
    'Map',
    figure('Frames by what a head sees of them.', 'Click a point to play it.', slot),
  );
}

function facts({ heads, pretrainings }: ReportData): Section {
  const all = [...heads, ...pretrainings].map(({ name, facts }) => factsOf(name, facts));
  return section('settings', 'Settings, versions, hashes', ...all);
}

main().catch((error: unknown) => {
  document.documentElement.dataset.state = 'failed';
  const text = error instanceof Error ? error.message : String(error);
  document.body.prepend(h('p', { class: 'failure' }, `This report can't be drawn: ${text}`));
  throw error;
});

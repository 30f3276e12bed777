/** The report's own script: reads the data that the page carries and draws it. Nothing is fetched. */
import type { ReportData } from '../report-data.js';
import { h } from './dom.js';
import { createModel } from './model.js';
import { createPlayer } from './player.js';
import type { BuildSection, Section } from './section.js';
import { buildClasses } from './sections/classes.js';
import { buildEthograms } from './sections/ethograms.js';
import { buildLearning } from './sections/learning.js';
import { buildMap } from './sections/map.js';
import { buildPretraining } from './sections/pretraining.js';
import { buildResults } from './sections/results.js';
import { buildSettings } from './sections/settings.js';
import { buildSuggestions } from './sections/suggestions.js';
import { buildSweeps } from './sections/sweeps.js';
import { createThemeButton, watchTheme } from './theme.js';
import { openBlob } from './unpack.js';

/** In the order of the page. */
const SECTIONS: readonly BuildSection[] = [
  buildResults,
  buildSweeps,
  buildLearning,
  buildClasses,
  buildEthograms,
  buildMap,
  buildSuggestions,
  buildPretraining,
  buildSettings,
];

async function main(): Promise<void> {
  const text = (id: string) => document.getElementById(id)?.textContent ?? '';
  const drawings: (() => void)[] = [];
  const redraw = () => {
    for (const draw of drawings) draw();
  };
  watchTheme(redraw);
  const data = JSON.parse(text('report-data')) as ReportData;
  const model = createModel(data, openBlob(await inflate(text('report-blob').trim())));
  const player = createPlayer(model);
  const world = {
    model,
    play: player.play,
    onFrame: player.onFrame,
    onRedraw: (draw: () => void) => drawings.push(draw),
  };
  const sections = SECTIONS.flatMap((build) => build(world) ?? []);
  document.title = data.title;
  document.body.replaceChildren(
    ...header(data, sections),
    h('main', {}, ...sections.map(({ element }) => element)),
    player.element,
  );
  drawings.push(player.draw);
  redraw();
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

function header(data: ReportData, sections: readonly Section[]): HTMLElement[] {
  const { poses, heads } = data;
  const frames = heads[0]?.tasks[0]?.rows[0]?.frames;
  const about = [
    `Whisker ${data.version}`,
    `made ${data.made.replace('T', ' ').slice(0, 16)} UTC`,
    poses === null ? null : `data set ${poses.dataset}`,
    frames === undefined ? null : `${frames.toLocaleString('en-US')} scored frames`,
  ].filter((part) => part !== null);
  return [
    h(
      'header',
      { class: 'masthead' },
      h('p', { class: 'kicker' }, 'Report'),
      h('h1', {}, h('bdi', {}, data.title)),
      h('p', { class: 'about' }, about.join('  ·  ')),
      data.notes.length === 0
        ? null
        : h('ul', { class: 'notes' }, ...data.notes.map((note) => h('li', {}, note))),
    ),
    h(
      'nav',
      { 'aria-label': 'Parts of the report' },
      ...sections.map(({ id, title }) => h('a', { href: `#${id}` }, title)),
      createThemeButton(),
    ),
  ];
}

main().catch((error: unknown) => {
  document.documentElement.dataset.state = 'failed';
  const text = error instanceof Error ? error.message : String(error);
  document.body.prepend(h('p', { class: 'failure' }, `This report can't be drawn: ${text}`));
  throw error;
});

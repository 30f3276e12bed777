#!/usr/bin/env node
/**
 * Does labelling what `whisker suggest` proposes teach more than labelling stretches drawn at random? A simulated person
 * labels ten random stretches of ten seconds, then more of them in rounds, up to a few amounts; after each the head is fitted
 * on what is labelled so far and scored (TRIAL) on videos that nobody labels. Prints a table and writes all figures as JSON.
 *   node scripts/simulate-suggestions.mjs checkpoints/rats-data FOLD0 FOLD1 ... [--draws 4] [--strength 0.1] [--out FILE]
 * FOLD0, FOLD1, ...: folders of `whisker embed`, the k-th by an encoder that never saw the videos whose number leaves k when
 * divided by their count; those are scored, the others are labelled. Needs the compiled program (scripts/setup).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const from = (name) => import(new URL(`../dist/${name}.js`, import.meta.url).href);
const { readNpy } = await from('data/formats/npy');
const { openDataset } = await from('data/store/open-dataset');
const { fitHeads } = await from('evaluation/heads/fit');
const { applyHead } = await from('evaluation/heads/head');
const { createPlainProducts } = await from('evaluation/heads/plain-products');
const { createMoments, standardise } = await from('evaluation/heads/standardise');
const { predictClasses } = await from('evaluation/metrics/confusion');
const { scoreTrial } = await from('evaluation/metrics/trial');
const { intervalOf, plainFigure, resampleRows } = await from('evaluation/statistics/bootstrap');
const { compareSamples } = await from('evaluation/statistics/compare');
const { gatherEvidence } = await from('evaluation/statistics/evidence');
const { chooseSpread } = await from('evaluation/suggestion/choose-spread');
const { createStretchMeans } = await from('evaluation/suggestion/stretch-means');
const { cutStretches, uncertaintyOf } = await from('evaluation/suggestion/stretches');
const { seededRandom } = await from('random');

const CLASSES = ['aggression', 'social', 'nonsocial'];
const SCORED = CLASSES.map((_, index) => index);
/** The command looks at three frames a second, so everything here happens on those. */
const EVERY_FRAMES = 10;
const STRETCH_LOOKS = 30;
/** Stretches that are labelled when a head is fitted and scored. */
const AMOUNTS = [10, 20, 40, 80, 160];
const RESAMPLES = 400;
const ARMS = { random: chooseRandom, suggested: chooseSuggested, 'most uncertain': chooseUncertain };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    draws: { type: 'string', default: '4' },
    strength: { type: 'string', default: '0.1' },
    out: { type: 'string' },
  },
});
const [datasetFolder, ...folds] = positionals;
const [draws, strength] = [Number(values.draws), Number(values.strength)];
const dataset = openDataset(datasetFolder);

/** [arm][amount] one entry per draw: what is scored, and its figure. */
const figures = Object.fromEntries(Object.keys(ARMS).map((arm) => [arm, AMOUNTS.map(() => [])]));
for (const [fold, folder] of folds.entries()) {
  const videos = await readVideos(folder);
  const isScored = ({ id }) => Number(/\d+/.exec(id)[0]) % folds.length === fold;
  const [scored, pool] = [videos.filter(isScored), videos.filter((video) => !isScored(video))];
  for (let draw = 0; draw < draws; draw++) {
    for (const arm of Object.keys(ARMS)) {
      const random = seededRandom(draw, 'simulate-suggestions', fold);
      await simulate(arm, pool, scored, random, (amount, evidence, trial) => {
        figures[arm][amount].push({ seed: fold * draws + draw, tasks: [evidence], trial });
      });
    }
    console.error(`fold ${fold}, draw ${draw}: done`);
  }
}
report();

/** The looked-at frames of every video's trial: features [look, width] and labels; what lies outside can't be labelled. */
async function readVideos(folder) {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  const track = dataset.header.tracks.find(({ name }) => name === 'S1');
  const classOf = track.vocabulary.map((name) => CLASSES.indexOf(name));
  const videos = [];
  for (const [recording, { id, frames }] of dataset.recordings.entries()) {
    const file = join(folder, index.recordings.find((own) => own.id === id).file);
    const { data } = await readNpy(file);
    const all = dataset.readLabels(recording, 'S1', 0, frames);
    const looks = [];
    for (let frame = 0; frame < frames; frame += EVERY_FRAMES)
      if (classOf[all[frame]] >= 0) looks.push(frame);
    const features = new Float32Array(looks.length * index.width);
    for (const [at, frame] of looks.entries())
      features.set(data.subarray(frame * index.width, (frame + 1) * index.width), at * index.width);
    videos.push({
      id,
      width: index.width,
      features,
      labels: Int16Array.from(looks, (frame) => classOf[all[frame]]),
    });
  }
  return videos;
}

/** Labels, fits and scores in turn. `told[v][look]` is true where the person has labelled. */
async function simulate(arm, pool, scored, random, onScore) {
  const told = pool.map(({ labels }) => new Uint8Array(labels.length));
  const begin = (attempt) => {
    for (const own of told) own.fill(0);
    label(
      told,
      chooseRandom({ pool, told, random: random.fork('begin', attempt) }),
      AMOUNTS[0] * STRETCH_LOOKS,
    );
    return new Set(pool.flatMap(({ labels }, video) => [...labels].filter((_, at) => told[video][at])));
  };
  for (let attempt = 0; begin(attempt).size < CLASSES.length && attempt < 100; attempt++);
  for (const [round, amount] of AMOUNTS.entries()) {
    if (round > 0) {
      const looks = (amount - AMOUNTS[round - 1]) * STRETCH_LOOKS;
      const head = await fitHead(pool, told);
      const state = {
        pool,
        told,
        head,
        count: amount - AMOUNTS[round - 1],
        random: random.fork(arm, round),
      };
      label(told, ARMS[arm](state), looks);
    }
    const head = await fitHead(pool, told);
    const predictions = scored.map((video) => applyHead(head, video.features, video.labels.length));
    const recordings = scored.map(({ id, labels }, video) => ({
      id,
      labels,
      probabilities: predictions[video],
    }));
    const classes = predictions.map((own) => predictClasses(own, CLASSES.length));
    const evidence = gatherEvidence(recordings, classes, CLASSES.length, SCORED, 200);
    onScore(round, evidence, scoreAll(recordings));
  }
}

function scoreAll(recordings) {
  const labels = Int16Array.from(recordings.flatMap((own) => [...own.labels]));
  const probabilities = Float32Array.from(recordings.flatMap((own) => [...own.probabilities]));
  return scoreTrial(labels, probabilities, CLASSES.length, SCORED);
}

/** Labels stretches in their order until so many looks are labelled; the last one in part. All arms cost the same. */
function label(told, stretches, looks) {
  let left = looks;
  for (const { video, start, stop } of stretches)
    for (let at = start; at < stop && left > 0; at++, left--) told[video][at] = 1;
  if (left > 0) throw new Error(`${left} looks more were to be labelled`);
}

async function fitHead(pool, told) {
  const { width } = pool[0];
  const rows = [];
  const labels = [];
  for (const [video, own] of told.entries())
    for (let at = 0; at < own.length; at++)
      if (own[at]) {
        rows.push(pool[video].features.subarray(at * width, (at + 1) * width));
        labels.push(pool[video].labels[at]);
      }
  const raw = new Float32Array(rows.length * width);
  for (const [row, own] of rows.entries()) raw.set(own, row * width);
  const moments = createMoments(width);
  moments.add(raw);
  const standardiser = moments.standardiser(4, null);
  const inputs = standardise(raw, standardiser);
  const matrix = {
    frames: rows.length,
    width,
    readRows: (start, stop) => inputs.subarray(start * width, stop * width),
  };
  const products = createPlainProducts(matrix, { columnCounts: [CLASSES.length], sampleCount: 4096 });
  const problem = {
    ...{ kind: 'multinomial', classCount: CLASSES.length, labels, strength },
    ...{ frameWeights: null, classWeights: null, anchor: null },
  };
  const [{ coefficients }] = await fitHeads(products, [problem], [null], {
    ...{ relativeGap: 1e-6, memory: 10, maxIterations: 300 },
  });
  return {
    ...{ kind: 'multinomial', classNames: CLASSES, standardiser, strength },
    coefficients: { columns: CLASSES.length, width, values: coefficients },
  };
}

/** Stretches of what is still unlabelled, cut without looking at predictions, in random order. */
function chooseRandom({ pool, told, random }) {
  const candidates = pool.flatMap(({ labels }, video) =>
    cutStretches((at) => !told[video][at], new Int16Array(labels.length), STRETCH_LOOKS).map((own) => ({
      ...own,
      video,
    })),
  );
  return [...random.permutation(candidates.length)].map((index) => candidates[index]);
}

/** As `whisker suggest` chooses (src/pipeline/suggest.ts), then at random where these stretches are too short. */
function chooseSuggested({ pool, told, head, count, random }) {
  const means = createStretchMeans(pool[0].width, random.fork('projection'));
  const describe = ({ video, start, stop }) => {
    const { features, width } = pool[video];
    return means.describe(standardise(features.subarray(start * width, stop * width), head.standardiser));
  };
  const found = cutAll(pool, told, head);
  const candidates = found.map((own) => ({ vector: describe(own), weight: own.uncertainty }));
  const labelled = told.flatMap((own, video) =>
    cutStretches((at) => own[at] === 1, pool[video].labels, STRETCH_LOOKS).map((stretch) =>
      describe({ ...stretch, video }),
    ),
  );
  const chosen = chooseSpread(candidates, labelled, count, random.fork('choice'));
  const isChosen = new Set(chosen);
  const others = [...random.fork('others').permutation(found.length)].filter((index) => !isChosen.has(index));
  return [...chosen, ...others].map((index) => found[index]);
}

/** The highest mean entropy first: what diversity is worth. */
function chooseUncertain({ pool, told, head }) {
  return cutAll(pool, told, head).sort((one, other) => other.uncertainty - one.uncertainty);
}

/** Stretches of what is still unlabelled, with the mean entropy of their looks. */
function cutAll(pool, told, head) {
  return pool.flatMap(({ features, labels }, video) => {
    const probabilities = applyHead(head, features, labels.length);
    const predicted = predictClasses(probabilities, CLASSES.length);
    const stretches = cutStretches((at) => !told[video][at], predicted, STRETCH_LOOKS);
    return stretches.map((own) => {
      let sum = 0;
      for (let at = own.start; at < own.stop; at++) sum += uncertaintyOf(probabilities, at, CLASSES.length);
      return { ...own, video, uncertainty: sum / (own.stop - own.start) };
    });
  });
}

/** Means over draws; intervals of 95 % over scored videos and draws (Bayesian bootstrap), paired. */
function report() {
  const table = AMOUNTS.map((stretches, amount) => {
    const rows = Object.keys(ARMS).map((name) => ({ name, seeds: figures[name][amount] }));
    const random = seededRandom(1, 'bootstrap', stretches);
    const samples = resampleRows(rows, 'map', RESAMPLES, random);
    const difference = (one, other) =>
      compareSamples(
        plainFigure(rows[one], 'map') - plainFigure(rows[other], 'map'),
        ...[samples[one], samples[other], 0.95],
      );
    return {
      stretches,
      arms: rows.map(({ name, seeds }, arm) => ({
        name,
        trial: seeds.reduce((sum, { trial }) => sum + trial, 0) / seeds.length,
        ...intervalOf(samples[arm], 0.95),
        draws: seeds.map(({ trial }) => trial),
      })),
      suggestedOverRandom: difference(1, 0),
      uncertainOverRandom: difference(2, 0),
    };
  });
  const show = (value) => value.toFixed(3).replace(/^(-?)0\./, '$1.');
  const interval = ({ value, low, high }) => `${show(value)} [${show(low)}, ${show(high)}]`;
  console.log(
    `| stretches | ${Object.keys(ARMS).join(' | ')} | suggested - random | most uncertain - random |`,
  );
  console.log('|---|---|---|---|---|---|');
  for (const { stretches, arms, suggestedOverRandom, uncertainOverRandom } of table) {
    const cells = arms.map(({ trial }) => show(trial));
    const differences = [suggestedOverRandom, uncertainOverRandom].map(interval);
    console.log(`| ${[stretches, ...cells, ...differences].join(' | ')} |`);
  }
  if (values.out) writeFileSync(values.out, JSON.stringify({ draws, strength, table }, null, 1));
}

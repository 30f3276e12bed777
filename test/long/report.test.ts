/// <reference lib="dom" />
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Recording } from '../../src/data/pose.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../../src/data/simulate/simulate-calms21.js';
import type { DatasetSource } from '../../src/data/store/dataset.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';
import { loadFinetuneSettings } from '../../src/pipeline/apply-heads-choose.js';
import { makeReport } from '../../src/pipeline/report.js';
import { suggestStretches } from '../../src/pipeline/suggest.js';
import { buildDist } from '../commands/dist.js';
import { applyTo, createContext, writeFinetunedRun } from '../pipeline/finetuned-run.js';

const isShort = process.env.WHISKER_LONG_TESTS !== '1';
const HOSTILE = '<script>alert(1)</script>';
const chromium = [process.env.WHISKER_CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path !== '' && existsSync(path),
);

/** The smallest simulated CalMS21, whose scored recording has the name of a script. */
function hostileSource(): DatasetSource {
  const { header, recordings } = simulatedCalms21Source({
    ...{ seed: 1, sizes: CALMS21_SIZES.tiny, missingShare: 0.05 },
  });
  async function* renamed() {
    for await (const recording of recordings as AsyncIterable<Recording & { source: never }>) {
      yield recording.subset === 'task1/test' ? { ...recording, id: HOSTILE } : recording;
    }
  }
  return { header, recordings: renamed() };
}

describe.skipIf(isShort)('a report in a browser', { timeout: 300_000 }, () => {
  beforeEach(({ skip }) =>
    skip(chromium === undefined, 'needs Chromium: install it, or name it with WHISKER_CHROMIUM'),
  );
  const folder = mkdtempSync(join(tmpdir(), 'whisker-report-'));
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    if (chromium === undefined) return;
    buildDist();
    const data = join(folder, 'data');
    await writeDataset(data, hostileSource(), { overwrite: false, origin: 'hostile' });
    const heads = join(folder, 'heads');
    await writeFinetunedRun(folder, data, 'heads', [
      'protocol={type: calms21, tasks: [1]}',
      'rows=[kinematics, raw-pose]',
    ]);
    const suggestions = join(folder, 'suggestions');
    await suggestStretches(
      {
        ...{ ...applyTo(heads), datasetFolder: data, outFolder: suggestions },
        ...{ count: 5, seconds: 2, subset: 'task1/test', withLabelled: true },
      },
      createContext(),
    );
    const out = join(folder, 'report.html');
    const finetunings = [{ folder: heads, settings: loadFinetuneSettings(heads, {}) }];
    const job = {
      title: HOSTILE,
      version: 'test',
      out,
      finetunings,
      pretrainings: [],
      sweeps: [],
      suggestions,
    };
    const summary = await makeReport({ ...job, recordings: 20 }, createContext());
    expect(summary?.recordings).toBeGreaterThan(0);
    browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(pathToFileURL(out).href);
    await page.waitForSelector('html[data-state]');
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is ready, and every picture that is shown is drawn', async () => {
    await page.waitForSelector('html[data-state=ready]', { timeout: 20_000 });
    const canvases = await page.$$eval('canvas', (all) =>
      all
        .filter((canvas) => canvas.checkVisibility())
        .map(({ dataset, width, height }) => ({ drawn: dataset.drawn, area: width * height })),
    );
    expect(canvases.length).toBeGreaterThan(0);
    for (const { drawn, area } of canvases) {
      expect(drawn).toBeTruthy();
      expect(area).toBeGreaterThan(0);
    }
  });

  it('shows names as text', async () => {
    const { text, scripts } = await page.evaluate(() => ({
      text: document.body.innerText,
      scripts: [...document.querySelectorAll('body script')].map((script) => script.textContent),
    }));
    expect(text).toContain(HOSTILE);
    expect(scripts).toEqual([]);
    expect(await page.title()).toBe(HOSTILE);
  });

  it('plays the poses of a click on an ethogram', async () => {
    const ethogram = await page.waitForSelector('#ethograms canvas');
    await ethogram?.evaluate((canvas) => canvas.scrollIntoView({ block: 'center', behavior: 'instant' }));
    const box = await ethogram?.boundingBox();
    if (!box) throw new Error('the ethogram has no place');
    await page.mouse.click(box.x + box.width / 2, box.y + 10);
    await untilPlaying(HOSTILE);
    await page.waitForSelector('.player canvas.strip[data-drawn=yes]');
  });

  it('plays a suggestion, and the longest stretch of a cell of the confusion', async () => {
    await page.$eval('#suggestions button', (button) => (button as HTMLElement).click());
    await untilPlaying('suggestion 1');
    // Of the classes in the page one at least is found in some frames.
    const cell = await page.$$eval('#classes .cell.hit', (all) => {
      const found = all.find((own) => own.querySelector('small')?.textContent !== '0') as HTMLElement;
      found.click();
      return found.title;
    });
    const name = /frames of (.+) predicted/.exec(cell)?.[1];
    await untilPlaying(`${name}, found`);
  });

  it('is worked by keys: the player closes by Escape, an ethogram is zoomed, moved and played', async () => {
    await page.focus('.player');
    await page.keyboard.press('Escape');
    await page.waitForSelector('.player[hidden]');
    await page.focus('#ethograms canvas');
    for (const key of ['+', '+', 'ArrowRight', 'Enter'] as const) await page.keyboard.press(key);
    await untilPlaying(HOSTILE);
  });

  it('follows the colours of the system; the button overrules them', async () => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await page.waitForSelector('html[data-theme=dark]');
    const dark = await paper();
    for (const expected of ['light', 'dark'] as const) {
      await page.$eval('button.theme', (button) => button.click());
      await page.waitForSelector(`html[data-theme=${expected}]`);
    }
    expect(await paper()).toBe(dark);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
    await page.$eval('button.theme', (button) => button.click()); // back to the system's
    await page.waitForSelector('html[data-theme=light]');
    expect(await paper()).not.toBe(dark);
  });

  it('is no wider than a phone', async () => {
    await page.setViewport({ width: 390, height: 844 });
    await page.waitForFunction(() => innerWidth === 390);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  /** Waits until the player shows this, and another frame after a first one. */
  async function untilPlaying(title: string): Promise<void> {
    await page.waitForFunction(
      (wanted) =>
        document.querySelector('.player:not([hidden]) .player-title')?.textContent?.includes(wanted),
      { timeout: 20_000 },
      title,
    );
    const first = await page.$eval('.player canvas.stage', ({ dataset }) => dataset.drawn);
    await page.waitForFunction(
      (shown) => document.querySelector<HTMLElement>('.player canvas.stage')?.dataset.drawn !== shown,
      { timeout: 20_000 },
      first,
    );
  }

  it('has nothing to complain of', () => {
    expect(complaints).toEqual([]);
  });
});

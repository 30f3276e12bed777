/// <reference lib="dom" />
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Recording } from '../../src/data/pose.js';
import { CALMS21_SIZES } from '../../src/data/simulate/calms21-sizes.js';
import { simulatedCalms21Source } from '../../src/data/simulate/simulate-calms21.js';
import type { DatasetSource } from '../../src/data/store/dataset.js';
import { writeDataset } from '../../src/data/store/write-dataset.js';
import { loadFinetuneSettings } from '../../src/pipeline/apply-heads-choose.js';
import { makeReport } from '../../src/pipeline/report.js';
import { buildDist } from '../commands/dist.js';
import { createContext, writeFinetunedRun } from '../pipeline/finetuned-run.js';

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

describe.skipIf(isShort || chromium === undefined)('a report in a browser', { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'whisker-report-'));
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    buildDist();
    const data = join(folder, 'data');
    await writeDataset(data, hostileSource(), { overwrite: false, origin: 'hostile' });
    const heads = join(folder, 'heads');
    await writeFinetunedRun(folder, data, 'heads', [
      'protocol={type: calms21, tasks: [1]}',
      'rows=[kinematics, raw-pose]',
    ]);
    const out = join(folder, 'report.html');
    const finetunings = [{ folder: heads, settings: loadFinetuneSettings(heads, {}) }];
    const job = { title: HOSTILE, version: 'test', out, finetunings, pretrainings: [], suggestions: null };
    const summary = await makeReport({ ...job, recordings: 20 }, createContext());
    expect(summary?.recordings).toBeGreaterThan(0);
    browser = await puppeteer.launch({ executablePath: chromium as string, args: ['--no-sandbox'] });
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
    const first = await (await page.waitForSelector('.player canvas.stage[data-drawn]'))?.evaluate(
      (stage) => (stage as HTMLCanvasElement).dataset.drawn,
    );
    await page.waitForFunction(
      (shown) => document.querySelector<HTMLElement>('.player canvas.stage')?.dataset.drawn !== shown,
      { timeout: 20_000 },
      first,
    );
    expect(await page.$eval('.player-title', ({ textContent }) => textContent)).toContain(HOSTILE);
    await page.waitForSelector('.player canvas.strip[data-drawn=yes]');
  });

  it('has nothing to complain of', () => {
    expect(complaints).toEqual([]);
  });
});

#!/usr/bin/env node
// Draws the top of a report as .pictures/report.png, with Chromium (WHISKER_CHROMIUM names another one).
//   scripts/picture-report.mjs [REPORT, default checkpoints/quickstart-heads/report.html]
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const report = path.resolve(
  process.argv[2] ?? path.join(PROJECT, 'checkpoints/quickstart-heads/report.html'),
);

const browser = await puppeteer.launch({
  executablePath: process.env.WHISKER_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage();
  await page.setViewport({ width: 1100, height: 1000, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  await page.goto(pathToFileURL(report).href, { waitUntil: 'load' });
  await page.waitForSelector('svg');
  await page.screenshot({ path: path.join(PROJECT, '.pictures', 'report.png') });
} finally {
  await browser.close();
}

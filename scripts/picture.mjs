#!/usr/bin/env node
// Draws the dashboard of a real run as .pictures/dashboard.svg: starts the quickstart's pretraining in tmux, waits until its curves
// have a shape, and turns the terminal's cells into text with colours.
//   scripts/picture.mjs [DATA SET, default checkpoints/quickstart-data/store]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const [COLUMNS, ROWS] = [100, 28];
const STEPS = 600;
const SHOWN_AT = 400;
const CELL = { width: 8.4, height: 18 };
const COLOURS = { 32: '#7fd18b', 33: '#e5c07b', 34: '#6aa7f8', 35: '#d08ae0', 36: '#56c8d8' };

const folder = mkdtempSync(path.join(tmpdir(), 'whisker-picture-'));
const socket = path.join(folder, 'socket');
const data = path.resolve(process.argv[2] ?? path.join(PROJECT, 'checkpoints/quickstart-data/store'));

function tmux(...args) {
  const { status, stdout, stderr } = spawnSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tmux ${args[0]}: ${stderr}`);
  return stdout;
}

/** One line of cells: runs of the same style as spans. */
function drawLine(line, row) {
  const spans = [];
  let style = { colour: '#d7dae0', bold: false, dim: false };
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal shows is full of them
  for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) {
      for (const code of codes.split(';').map(Number)) {
        if (code === 0) style = { colour: '#d7dae0', bold: false, dim: false };
        else if (code === 1) style = { ...style, bold: true };
        else if (code === 2) style = { ...style, dim: true };
        else if (code === 22) style = { ...style, bold: false, dim: false };
        else if (code === 39) style = { ...style, colour: '#d7dae0' };
        else if (COLOURS[code] !== undefined) style = { ...style, colour: COLOURS[code] };
      }
      continue;
    }
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(' ', '\u00a0');
    const length = [...text].length;
    const x = (12 + column * CELL.width).toFixed(1);
    const width = (length * CELL.width).toFixed(1);
    const weight = style.bold ? ' font-weight="bold"' : '';
    const opacity = style.dim ? ' opacity="0.6"' : '';
    if (text.trim() !== '') {
      spans.push(
        `<tspan x="${x}" textLength="${width}" fill="${style.colour}"${weight}${opacity}>${escaped}</tspan>`,
      );
    }
    column += length;
  }
  return spans.length === 0 ? '' : `<text y="${26 + row * CELL.height}">${spans.join('')}</text>`;
}

try {
  const run = `node ${path.join(PROJECT, 'dist/main.js')} pretrain ${path.join(PROJECT, 'configs/quickstart.yaml')}`;
  const call = `${run} data.folder=${data} training.duration.steps=${STEPS} log.everySteps=5`;
  tmux(
    '-f',
    '/dev/null',
    'new-session',
    '-d',
    '-x',
    `${COLUMNS}`,
    '-y',
    `${ROWS}`,
    '-c',
    folder,
    `env -u CI -u NO_COLOR ${call}`,
  );
  let text = '';
  for (let step = 0; step < SHOWN_AT; ) {
    await sleep(250);
    text = tmux('capture-pane', '-p', '-e');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal shows is full of them
    step = Number(/([\d,]+) of/.exec(text.replaceAll(/\x1b\[[\d;]*m/g, ''))?.[1] ?? 0);
  }
  const lines = text.trimEnd().split('\n');
  const [width, height] = [24 + COLUMNS * CELL.width, 24 + ROWS * CELL.height];
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1b1e25"/>`,
    '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">',
    ...lines.map(drawLine).filter((line) => line !== ''),
    '</g>',
    '</svg>',
  ];
  mkdirSync(path.join(PROJECT, '.pictures'), { recursive: true });
  const target = path.join(PROJECT, '.pictures', 'dashboard.svg');
  writeFileSync(target, `${svg.join('\n')}\n`);
  process.stdout.write(`${target}\n`);
} finally {
  spawnSync('tmux', ['-S', socket, 'kill-server']);
  rmSync(folder, { recursive: true, force: true });
}

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ReportData } from './report-data.js';
import { scrub } from './scrub.js';

/** The page's own script and style, as the build leaves them. */
interface PageParts {
  readonly script: string;
  readonly style: string;
}

/** Beside this file once it is compiled; the compiled one where this file runs as a source. */
const PAGE_FOLDERS = ['./page/', '../../dist/report/page/'];

/**
 * One page of HTML that holds all it shows. Its policy lets nothing in but its own script, known by its hash; names are data
 * and never markup.
 * @param blob base64 of deflated arrays, see `pack.ts`
 */
export function renderReport(data: ReportData, blob: string): string {
  const { script, style } = readPageParts();
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const scrubbed = scrub(data);
  return `<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(scrubbed.title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<noscript>This report draws its figures with a script of its own: allow scripts to see it.</noscript>
<script type="application/json" id="report-data">${escapeJson(scrubbed)}</script>
<script type="text/plain" id="report-blob">${blob}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON that can't end the element that it stands in. */
function escapeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function readPageParts(): PageParts {
  const folder = PAGE_FOLDERS.map((name) => new URL(name, import.meta.url)).find((url) =>
    existsSync(new URL('page.js', url)),
  );
  if (folder === undefined) {
    const expected = fileURLToPath(new URL(PAGE_FOLDERS[0], import.meta.url));
    throw new Error(`${expected} holds no page.js: build the project first (npm run build)`);
  }
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8').trim();
  const script = read('page.js').replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  return { script, style: read('page.css') };
}

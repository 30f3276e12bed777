import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server answers the n-th request for a file (from 0). */
export type Behaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array,
  count: number,
) => void;

/** A stand-in for the archive: its record API on a local port. */
export interface ArchiveServer {
  readonly recordUrl: string;
  /** Range headers of the requests for files, in order; undefined: none. */
  readonly ranges: (string | undefined)[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** Answers well: the whole file, or the range that is asked for. */
export const answerWell: Behaviour = (request, response, content) => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= content.length && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const headers = { 'content-length': content.length - start };
  if (request.headers.range === undefined) response.writeHead(200, headers);
  else
    response.writeHead(206, {
      ...headers,
      'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
    });
  response.end(content.subarray(start));
};

export async function startArchiveServer(
  files: Readonly<Record<string, Uint8Array>>,
): Promise<ArchiveServer> {
  let behaviour = answerWell;
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/files') {
      const entries = Object.entries(files).map(([key, content]) => ({
        key,
        size: content.length,
        checksum: `md5:${createHash('md5').update(content).digest('hex')}`,
      }));
      response.end(JSON.stringify({ enabled: true, entries }));
      return;
    }
    const name = decodeURIComponent(/^\/files\/(.*)\/content$/.exec(request.url ?? '')?.[1] ?? '');
    const content = files[name];
    if (!content) {
      response.writeHead(404).end();
      return;
    }
    ranges.push(request.headers.range);
    behaviour(request, response, content, ranges.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    recordUrl: `http://127.0.0.1:${port}/files`,
    ranges,
    behave: (next) => {
      behaviour = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

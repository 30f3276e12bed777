import { type ByteScanner, ScanError } from './byte-scanner.js';

/** What a parser yields when it has used up the bytes; the driver feeds more (or ends the scanner) and goes on. */
export const NEED_MORE = Symbol('need more bytes');
export type NeedMore = typeof NEED_MORE;

/** Drives a scan: feeds it from `chunks`, yields what it finds. `explain` makes the error for a ScanError. */
export async function* drainScan<Item>(
  scanner: ByteScanner,
  scan: Generator<NeedMore | Item, void>,
  chunks: AsyncIterable<Uint8Array>,
  explain: (error: ScanError) => Error,
): AsyncGenerator<Item, void> {
  try {
    let step = scan.next();
    for await (const chunk of chunks) {
      while (!step.done && step.value !== NEED_MORE) {
        yield step.value as Item;
        step = scan.next();
      }
      scanner.feed(chunk);
      if (!step.done) step = scan.next();
    }
    scanner.isEnded = true;
    for (; !step.done; step = scan.next()) if (step.value !== NEED_MORE) yield step.value as Item;
  } catch (error) {
    throw error instanceof ScanError ? explain(error) : error;
  }
}

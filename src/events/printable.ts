import { stripVTControlCharacters } from 'node:util';

/** Control characters but newline and tab, and characters that break lines or change the direction of writing. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text without anything that a terminal takes for a command. For every name that came from data. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNPRINTABLE, '');
}

/** `printable`, on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s*[\n\t]\s*/g, ' ');
}

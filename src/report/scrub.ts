import { printable } from '../events/printable.js';

/** What stands in a report for a secret. */
const LEFT_OUT = '(left out)';

/** Names of settings whose values nobody else should see. */
const SECRET_NAME = /pass(word|wd|phrase)|secret|token(?!s)|credential|api[-_]?key|private[-_]?key/i;

/** Absolute paths on Unix and Windows, and `~/`: they name users and machines. */
const ABSOLUTE_PATH =
  /(^|[\s"'`=:,;([{<])((?:~|[A-Za-z]:)?[\\/](?:[^\s"'`,;)\]}>\\/]+[\\/])+)([^\s"'`,;)\]}>\\/]*)/g;
/** `user:password@` of an address. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
/** Plain data without what must not leave the lab: folders become `…/name`, secrets and log-ins of addresses go. */
export function scrub<Value>(value: Value): Value {
  return scrubValue(value, '') as Value;
}

/** @param name of the setting that the text belongs to; `` where it has none */
export function scrubText(text: string, name = ''): string {
  if (SECRET_NAME.test(name) && text !== '' && text !== 'null') return LEFT_OUT;
  return printable(text)
    .replace(USER_INFO, '$1')
    .replace(ABSOLUTE_PATH, (_, before: string, folders: string, last: string) => {
      const name = last === '' ? (folders.split(/[\\/]/).at(-2) ?? '') : last;
      return `${before}…/${name}`;
    });
}

function scrubValue(value: unknown, name: string): unknown {
  if (typeof value === 'string') return scrubText(value, name);
  if (Array.isArray(value)) {
    // [name, value] pairs are how facts are told.
    const [first, second] = value;
    if (value.length === 2 && typeof first === 'string' && typeof second === 'string') {
      return [scrubText(first), scrubText(second, first)];
    }
    return value.map((inner) => scrubValue(inner, name));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scrubValue(inner, key)]));
}

import { createHash } from 'node:crypto';

/**
 * A text as the name of a file or folder: letters and digits of ASCII and `.`, `+`, `-` stay, anything else becomes `_`.
 * Where more than separators is lost by that (`攻撃`, `sniff?`), digits of the text's sha256 follow; texts that differ in
 * separators alone share a name.
 */
export function fileName(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9.+-]+/g, '_');
  if (/^[A-Za-z0-9.+\-_ ,&/%]*$/.test(text)) return plain;
  return `${plain}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

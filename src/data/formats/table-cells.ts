import { UserError } from '../../errors.js';

/** A decimal number with point or comma. `where` names file and line in the error. */
export function parseDecimal(text: string, where: string): number {
  const plain = text.trim().replace(',', '.');
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
  if (!Number.isFinite(value))
    throw new UserError('data', `${where}: ${JSON.stringify(text.slice(0, 40))} is not a number`);
  return value;
}

/** A frame number. `where` names file and line in the error, `hint` what a fraction may mean. */
export function parseFrame(text: string, where: string, hint?: string): number {
  const value = parseDecimal(text, where);
  if (!Number.isSafeInteger(value))
    throw new UserError('data', `${where}: ${text} is not a whole frame number`, hint ? { hint } : {});
  return value;
}

/** The place of a column. Throws a UserError with the columns that are there. */
export function requireColumn(columns: readonly string[], name: string, path: string): number {
  const at = columns.findIndex((column) => column.trim() === name);
  if (at < 0)
    throw new UserError(
      'data',
      `${path} has no column ${name}\n  its columns: ${columns.slice(0, 30).join(', ')}`,
    );
  return at;
}

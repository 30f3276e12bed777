/** JSON with sorted keys and without spaces, so that equal values have equal text; numbers as JavaScript prints them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

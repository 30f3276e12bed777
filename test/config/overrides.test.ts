// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in settings are written so
import { expect, test } from 'vitest';
import { applyOverride, isProblem, parseOverride } from '../../src/config/overrides.js';
import { plainOf, treeOf } from '../../src/config/tree.js';

function parsedValue(text: string): unknown {
  const override = parseOverride(text);
  if (isProblem(override)) return `problem: ${override.expected}`;
  return plainOf(override.node);
}

test.each<[string, unknown]>([
  ['a=1', 1],
  ['a=-1.5e-3', -0.0015],
  ['a=0x10', 16],
  ['a=true', true],
  ['a=null', null],
  ['a=~', null],
  ['a=no', 'no'],
  ['a=', ''],
  ['a=""', ''],
  ['a="1"', '1'],
  ["a='it''s'", "it's"],
  ['a=x=y=z', 'x=y=z'],
  ['a= 3 ', 3],
  ['a=two words', 'two words'],
  ['a=[1, "b", null, [true]]', [1, 'b', null, [true]]],
  ['a=[]', []],
  ['a={}', {}],
  ['a={steps: 10, tags: [x, y]}', { steps: 10, tags: ['x', 'y'] }],
  ['a=path/to/file.json', 'path/to/file.json'],
  ['a=s3://bucket/x', 's3://bucket/x'],
  ['a="b: c # d"', 'b: c # d'],
  ['a=2026-01-01', '2026-01-01'],
  ['a=1_000', '1_000'],
  ['a=${window.frames}', '${window.frames}'],
])('%s', (text, value) => {
  expect(parsedValue(text)).toEqual(value);
});

test.each([
  ['a', 'is not of the form key=value'],
  ['=1', 'is not of the form key=value'],
  ['a..b=1', 'empty or spaced part'],
  ['a. b=1', 'empty or spaced part'],
  ['a=b: c', 'ambiguous'],
  ['a=x # y', 'ambiguous'],
  ['a=#1', 'ambiguous'],
  ['a=- 1', 'ambiguous'],
  ['a=&x 1', 'ambiguous'],
  ['a=!!str 1', 'ambiguous'],
  ['a=| text', 'not valid YAML'],
  ['a=[1, 2', 'not valid YAML'],
  ['a=*x', 'alias without its anchor'],
  ['a="open', 'not valid YAML'],
])('%s is told', (text, expected) => {
  expect(parsedValue(text)).toContain(expected);
});

function apply(base: unknown, text: string): unknown {
  const override = parseOverride(text);
  if (isProblem(override)) throw new Error(override.expected);
  const changed = applyOverride(undefined, treeOf(base, { from: 'default' }), override);
  return isProblem(changed) ? `problem: ${changed.expected}` : plainOf(changed);
}

test('dotted paths make sections, whole numbers index lists, the given tree stays as it was', () => {
  const base = Object.freeze({ a: Object.freeze([1, { b: 2 }]), c: null });
  expect(apply(base, 'a.1.b=3')).toEqual({ a: [1, { b: 3 }], c: null });
  expect(apply(base, 'a.0=[9]')).toEqual({ a: [[9], { b: 2 }], c: null });
  expect(apply(base, 'c.d.e=1')).toEqual({ a: [1, { b: 2 }], c: { d: { e: 1 } } });
  expect(apply(base, 'a.2=3')).toBe("problem: can't be set: a is a list with entries 0 to 1");
  expect(apply(base, 'a.x=3')).toContain('entries 0 to 1');
  expect(apply(base, 'a.1.b.c=3')).toBe("problem: can't be set: a.1.b is a single value, not a section");
});

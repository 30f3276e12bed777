import { encode } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { skimMessage } from '../../src/checkpoint/skim-message.js';

describe('skimming a message', () => {
  it('accepts all that JSON can hold', () => {
    const long = 'x'.repeat(70_000);
    const many = Array.from({ length: 70_000 }, (_, index) => index - 35_000);
    const values = [
      null,
      true,
      false,
      0,
      -1,
      127,
      128,
      65_536,
      2 ** 40,
      -(2 ** 40),
      1.5,
      'a',
      'x'.repeat(40),
      long,
    ];
    const map = Object.fromEntries(many.map((value) => [`key${value}`, value]));
    for (const value of [...values, values, many, map, { a: { b: [1, { c: null }] } }, 'x'.repeat(300)]) {
      expect(() => skimMessage(encode(value))).not.toThrow();
    }
  });

  it('refuses promises that the bytes can not keep', () => {
    const array = Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff);
    expect(() => skimMessage(array)).toThrow(/promises more values/);
    expect(() => skimMessage(Uint8Array.of(0xdb, 0xff, 0xff, 0xff, 0xff))).toThrow(/ends within/);
    // Many nested arrays that each promise as many entries as there are bytes.
    const nested = new Uint8Array(300);
    for (let at = 0; at + 3 <= nested.length; at += 3) nested.set([0xdc, 1, 0x20], at);
    expect(() => skimMessage(nested)).toThrow(/promises more values/);
  });

  it('refuses endless nesting, binary data and what follows the value', () => {
    expect(() => skimMessage(new Uint8Array(100).fill(0x91))).toThrow(/more than 32 deep/);
    expect(() => skimMessage(encode(Uint8Array.of(1)))).toThrow(/0xc4/);
    expect(() => skimMessage(Uint8Array.of(0xc0, 0xc0))).toThrow(/goes on/);
    expect(() => skimMessage(new Uint8Array(0))).toThrow(/ends within/);
  });
});

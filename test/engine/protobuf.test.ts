import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { encodeSavedModel } from '../../src/engine/graph.js';
import { concatBytes, floatField, integerField, packedField, textField } from '../../src/engine/protobuf.js';

it.each([
  ['a small integer', integerField(1, 5), [0x08, 5]],
  ['150, the example of the encoding guide', integerField(1, 150), [0x08, 0x96, 0x01]],
  ['-1 in ten bytes', integerField(1, -1), [0x08, ...Array(9).fill(0xff), 0x01]],
  ['a bool', integerField(2, true), [0x10, 1]],
  ['zero', integerField(2, 0), [0x10, 0]],
  [
    'text with its length, the guide\'s "testing"',
    textField(2, 'testing'),
    [0x12, 7, ...Buffer.from('testing')],
  ],
  ['a float', floatField(4, 1), [0x25, 0, 0, 0x80, 0x3f]],
  [
    "packed integers, the guide's 3, 270, 86942",
    packedField(6, [3, 270, 86942]),
    [0x32, 6, 3, 0x8e, 2, 0x9e, 0xa7, 5],
  ],
])('writes %s', (_, bytes, expected) => {
  expect([...bytes]).toEqual(expected);
});

it('joins parts', () => {
  expect([...concatBytes([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)])]).toEqual([1, 2, 3]);
});

it('writes a saved model that the generated classes of tfjs-node read', () => {
  const require = createRequire(import.meta.url);
  const messages = require('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js');
  const value = { shape: [2], type: 1, data: Float32Array.of(1.5, -2) };
  const bytes = encodeSavedModel({
    nodes: [
      {
        name: 'n1',
        op: 'Const',
        inputs: ['^n0'],
        attributes: { value: { kind: 'tensor', value }, T: { kind: 'type', value: 3 } },
      },
    ],
    functions: [
      {
        ...{ name: 'step', inputs: [{ name: 'x', type: 1 }], outputs: [{ name: 'y', type: 3 }], nodes: [] },
        ...{
          returns: { y: 'n1:output:0' },
          effects: ['assign'],
          attributes: { _XlaMustCompile: { kind: 'bool', value: true } },
        },
      },
    ],
  });
  const meta = messages.SavedModel.deserializeBinary(bytes).getMetaGraphsList()[0];
  expect(meta.getMetaInfoDef().getTagsList()).toEqual(['serve']);
  const node = meta.getGraphDef().getNodeList()[0];
  expect([node.getName(), node.getOp(), node.getInputList()]).toEqual(['n1', 'Const', ['^n0']]);
  expect(node.getAttrMap().get('T').getType()).toBe(3);
  const tensor = node.getAttrMap().get('value').getTensor();
  expect(
    tensor
      .getTensorShape()
      .getDimList()
      .map((extent: { getSize(): number }) => extent.getSize()),
  ).toEqual([2]);
  expect([...new Float32Array(Uint8Array.from(tensor.getTensorContent_asU8()).buffer)]).toEqual([1.5, -2]);
  const [definition] = meta.getGraphDef().getLibrary().getFunctionList();
  expect(definition.getSignature().getName()).toBe('step');
  expect(definition.getRetMap().get('y')).toBe('n1:output:0');
  expect(definition.getAttrMap().get('_XlaMustCompile').getB()).toBe(true);
});

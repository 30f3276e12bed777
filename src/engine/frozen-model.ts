/** A step as a SavedModel that stands alone: its state is part of the graph, and other programs can run it. */
import { elementTypeNumber } from './element-types.js';
import type { Example, Step } from './engine.js';
import { encodeSavedModel, type GraphNode, type Serving } from './graph.js';
import type { NativeTf } from './native.js';
import { signatureOf } from './program.js';
import { recordStep } from './record.js';
import { graphReference, typeAttribute, writeBody } from './write-body.js';
import { graphNames } from './write-program.js';

/**
 * The bytes of a `saved_model.pb` whose signature `serving_default` takes the batch's fields by name and gives the
 * outputs by name. The batch's shapes are fixed; a new state is not kept.
 * @throws UserError when the step is not pure or uses scalars
 */
export function writeFrozenModel(native: NativeTf, step: Step, example: Example): Uint8Array {
  const signature = signatureOf(example);
  if (signature.scalars.length > 0) throw new Error('a frozen model has no scalars: make them constants');
  const recorded = recordStep(native, step, signature);
  const inputs = signature.batch.map(({ name, shape, dtype }, index) => ({
    name,
    tensor: `${graphNames.batch(index)}:0`,
    type: elementTypeNumber(dtype),
    shape,
  }));
  const body = writeBody(
    { ...recorded, signature, halfProducts: null },
    {
      reference: graphReference,
      argument: (group, index) =>
        `${group === 'state' ? graphNames.variable(index) : graphNames.batch(index)}:0`,
    },
  );
  const constants = signature.state.map(({ name, shape, dtype }, index): GraphNode => {
    const type = elementTypeNumber(dtype);
    const value = { shape, type, data: (example.state[name] as { data: Float32Array | Int32Array }).data };
    return {
      name: graphNames.variable(index),
      op: 'Const',
      inputs: [],
      attributes: { dtype: typeAttribute(type), value: { kind: 'tensor', value } },
    };
  });
  const placeholders = inputs.map(
    ({ shape, type }, index): GraphNode => ({
      name: graphNames.batch(index),
      op: 'Placeholder',
      inputs: [],
      attributes: { dtype: typeAttribute(type), shape: { kind: 'shape', value: shape } },
    }),
  );
  const ends = body.outputs.map(
    ({ value, type }, index): GraphNode => ({
      name: graphNames.output(index),
      op: 'Identity',
      inputs: [value],
      attributes: { T: typeAttribute(type) },
    }),
  );
  const serving: Serving = {
    inputs,
    outputs: recorded.outputs.map(({ name, shape, dtype }, index) => ({
      name,
      tensor: `${graphNames.output(index)}:0`,
      type: elementTypeNumber(dtype),
      shape,
    })),
  };
  return encodeSavedModel(
    { nodes: [...constants, ...placeholders, ...body.nodes, ...ends], functions: [] },
    serving,
  );
}

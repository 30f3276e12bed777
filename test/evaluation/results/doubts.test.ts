import { expect, it } from 'vitest';
import { listDoubts } from '../../../src/evaluation/results/doubts.js';

const difference = (row: string, control: string, low: number) => ({
  ...{ row, control, low, column: 'task1 MAP' },
  ...{ value: low + 0.1, high: low + 0.2, pValue: 0.5, correctedP: 1 },
});

it('an encoder is doubted against its random twin and against the row without it, alone and beside others', () => {
  const doubts = listDoubts([
    difference('encoder', 'random-encoder', -0.01),
    difference('encoder & kinematics', 'random-encoder & kinematics', 0),
    difference('encoder & kinematics', 'kinematics', -0.02),
    difference('kinematics & raw-pose+encoder', 'kinematics & raw-pose', -0.02),
    difference('encoder, 4 recordings', 'random-encoder, 4 recordings', -0.1),
  ]);
  expect(doubts).toEqual([
    'task1 MAP, encoder: this encoder is not shown to be better than a random one',
    'task1 MAP, encoder & kinematics: this encoder is not shown to be better than a random one',
    'task1 MAP, encoder & kinematics: this encoder is not shown to add to kinematics',
    'task1 MAP, kinematics & raw-pose+encoder: this encoder is not shown to add to kinematics & raw-pose',
    'task1 MAP, encoder, 4 recordings: this encoder is not shown to be better than a random one',
  ]);
});

it('nothing is doubted where the interval lies above 0, or where something else is compared', () => {
  expect(
    listDoubts([
      difference('encoder', 'random-encoder', 0.001),
      difference('encoder & kinematics', 'kinematics', 0.001),
      difference('encoder', 'kinematics', -0.1), // another row, not the same one without it
      difference('random-encoder & kinematics', 'kinematics', -0.1),
      difference('encoder, 4 recordings', 'random-encoder, 8 recordings', -0.1),
    ]),
  ).toEqual([]);
});

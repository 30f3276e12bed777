import { describe } from 'vitest';
import { describeOps } from './contract.js';
import { isNativeEngineMissing, startCpu } from './installed.js';

describe.skipIf(isNativeEngineMissing)('the cpu engine', () => {
  describeOps(startCpu, 'eager');
  describeOps(startCpu, 'graph');
  describeOps(startCpu, 'xla');
});

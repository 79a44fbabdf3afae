import type { Contract } from '../contract.js';
import { applicationExpectations } from './spark-applications.js';
import { driverLogExpectations } from './spark-driver-logs.js';
import { failureExpectations } from './spark-failures.js';
import type { SparkGiven } from './spark-world.js';

export const sparkContract: Contract<SparkGiven> = {
  system: 'spark',
  expectations: [...applicationExpectations, ...failureExpectations, ...driverLogExpectations],
};

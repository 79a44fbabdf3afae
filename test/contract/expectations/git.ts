import type { Contract } from '../contract.js';
import type { GitGiven } from './git-given.js';
import { gitHistoryExpectations } from './git-history.js';
import { gitReadExpectations } from './git-read.js';
import { gitWriteExpectations } from './git-write.js';

/** What the git ports promise about a repository over HTTP. */
export const gitContract: Contract<GitGiven> = {
  system: 'git',
  expectations: [...gitReadExpectations, ...gitHistoryExpectations, ...gitWriteExpectations],
};

import { diffArrays } from 'diff';
import { diffLinesBy, MOST_EDITS } from '../../src/domain/diff-lines.js';

export const { allLines, diffLines } = diffLinesBy((before, after) =>
  diffArrays(before, after, { maxEditLength: MOST_EDITS }),
);

import type { FunctionRule } from './function-kinds.js';
import { CAST_FUNCTIONS } from './functions-cast.js';
import { DATE_FUNCTIONS } from './functions-date.js';
import { NULL_FUNCTIONS } from './functions-null.js';
import { NUMBER_FUNCTIONS } from './functions-number.js';
import { TEXT_FUNCTIONS } from './functions-text.js';

/** Every scalar function whose types and values in the sandbox are Spark's. Any other is never green. */
export const FUNCTIONS: Readonly<Record<string, FunctionRule>> = {
  ...TEXT_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...NULL_FUNCTIONS,
  ...DATE_FUNCTIONS,
  ...CAST_FUNCTIONS,
};

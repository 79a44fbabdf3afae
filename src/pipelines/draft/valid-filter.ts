import { nearest } from '../nearest.js';
import { columnOf, typeOf } from './columns.js';
import type { IntentFilter } from './intent.js';
import { ask, type Reading, short } from './reading.js';

/** A value that its column can not have is asked for, never passed on. */
export function valid(reading: Reading, filter: IntentFilter): IntentFilter[] {
  const declared = columnOf(reading.sources, filter.of)?.values;
  const type = typeOf(reading.sources, filter.of);
  for (const value of filter.values) {
    if (
      declared !== undefined &&
      (filter.op === '=' || filter.op === '<>' || filter.op === 'in' || filter.op === 'not_in') &&
      !declared.includes(value)
    ) {
      const near = nearest(value, declared);
      ask(
        reading,
        `'${short(value, 60)}' is not a declared value of ${filter.of.column}`,
        near === undefined ? declared : [near],
      );
      return [];
    }
    if (type !== undefined && !fits(type.kind, value)) {
      ask(reading, `'${short(value, 60)}' can not be compared with ${filter.of.column}, which is ${type.kind}`);
      return [];
    }
  }
  return [filter];
}

function fits(kind: string, value: string): boolean {
  if (kind === 'string') return true;
  if (kind === 'date' || kind.startsWith('timestamp'))
    return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  if (kind === 'boolean') return /^(?:true|false)$/i.test(value);
  return /^-?\d+(?:\.\d+)?$/.test(value);
}

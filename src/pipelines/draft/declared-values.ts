import type { CatalogColumn } from '../catalog.js';
import { columnOf } from './columns.js';
import type { FilterOperator, IntentFilter, SourceColumn } from './intent.js';
import { phrase } from './phrases.js';
import { ask, type Reading, short } from './reading.js';

/** `only SETTLED`, `excluding reversed`, `in EUR`: values that a column declares say which column is meant. */
export function declaredValues(reading: Reading): IntentFilter[] {
  const owners = new Map<string, SourceColumn[]>();
  for (const { id, version } of reading.sources) {
    for (const { name, values = [] } of version.columns) {
      for (const value of values)
        owners.set(value.toLowerCase(), [...(owners.get(value.toLowerCase()) ?? []), { source: id, column: name }]);
    }
  }
  const known = [...owners.keys()].filter((value) => /^[\w-]{2,}$/.test(value));
  if (known.length === 0) return [];
  const value = `(?:${known.map((word) => word.replaceAll('-', '\\-')).join('|')})`;
  const list = `(${value}(?:(?:\\s*,\\s*(?:and_+|or_+)?|_+(?:and|or)_+)${value})*)\\b`;
  const rows = '(?:_+(?:rows|records|ones|transactions|orders|payments|entries|events|trades|only))*';
  const found = reading.phrases.takeAll(
    phrase(
      `(?:and_+)?(?:(exclud\\w+|except(?:_+for)?|without|ignor\\w+|skip\\w*|drop\\w*|leav\\w+_+out|not|no|remov\\w+)_+|(?:(?:only|just|keep\\w*|in|for|with|of|filter\\w*|to|restricted|status)_+)*)(?:the_+|any_+|all_+)?${list}${rows}`,
    ),
  );
  return found.flatMap((match) => {
    const values = (match[2] ?? '').split(/\s*,\s*|\s+/).filter((word) => word !== '' && !/^(?:and|or)$/i.test(word));
    const candidates = owners.get((values[0] ?? '').toLowerCase()) ?? [];
    const [of] = candidates;
    if (of === undefined) return [];
    if (candidates.length > 1) {
      ask(
        reading,
        `'${short(values[0] ?? '', 40)}' is a value of several columns: which one is meant?`,
        candidates.map((each) => `${each.source}.${each.column}`),
      );
    }
    const exact = values.map(
      (word) => declaredOf(reading, of)?.values?.find((each) => each.toLowerCase() === word.toLowerCase()) ?? word,
    );
    const not = match[1] !== undefined;
    const op: FilterOperator = exact.length > 1 ? (not ? 'not_in' : 'in') : not ? '<>' : '=';
    return [{ of, op, values: exact }];
  });
}

const declaredOf = (reading: Reading, of: SourceColumn): CatalogColumn | undefined => columnOf(reading.sources, of);

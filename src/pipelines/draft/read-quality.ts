import { columnOf } from './columns.js';
import type { GrainKey, IntentCard, IntentQuality, Measure, SourceColumn } from './intent.js';
import { itemsOf, phrase } from './phrases.js';
import { ask, literalOf, type Reading, short } from './reading.js';

const CHECK =
  '(?:(?:and|then|also|please|it|should|must)_+)*(?:(?:check|make_+sure|ensure|verify|assert|guarantee|validate)\\w*_+(?:also_+)?(?:that_+)?)';
const MUST = '(?:is|are|be|must_+be|should_+be|has_+to_+be|have_+to_+be|must|should|shall_+be|can)';

/** A check with the words for its columns: which output columns they are is known when the output is. */
export type SaidQuality = { words: string[] } & (
  | { type: 'not_null' | 'unique' }
  | { type: 'row_count'; min: number }
  | { type: 'range'; min?: number; max?: number }
  | { type: 'accepted_values'; values: string[] }
);

/** Checks of quality that the request asks for. Read before the filters: "must be" states a check, "only" a filter. */
export function readQuality(reading: Reading): SaidQuality[] {
  const { phrases } = reading;
  const words = (list: string | undefined): string[] => itemsOf(list ?? '').map(({ text }) => text);
  const must = `(?:${CHECK}(?:the_+)?(LIST)_+${MUST}|(?:and_+)?(ITEM(?:_+and_+ITEM)*)_+(?:must|should|has_+to|have_+to|may|can)(?:_+be)?)`;
  const said: SaidQuality[] = [];
  for (const match of phrases.takeAll(phrase(`${must}_+(?:never_+|not_+)(?:be_+)?(?:null|empty|missing)`)))
    said.push({ type: 'not_null', words: words(match[1] ?? match[2]) });
  for (const match of phrases.takeAll(
    phrase(`(?:${CHECK}|(?:and|with)_+)?(?:an?_+)?(?:not[- _]null|non[- ]null)_+checks?_+(?:on|for|of)_+(LIST)`),
  ))
    said.push({ type: 'not_null', words: words(match[1]) });
  for (const match of phrases.takeAll(phrase(`${CHECK}(?:there_+are_+)?no_+nulls?_+(?:values_+)?in_+(LIST)`)))
    said.push({ type: 'not_null', words: words(match[1]) });
  for (const match of phrases.takeAll(phrase(`${must}_+unique(?:_+together)?`)))
    said.push({ type: 'unique', words: words(match[1] ?? match[2]) });
  for (const match of phrases.takeAll(
    phrase(`(?:${CHECK}|and_+)?(?:there_+are_+)?no_+duplicates?(?:_+rows)?_+(?:of|in|per|by|for|on)_+(LIST)`),
  ))
    said.push({ type: 'unique', words: words(match[1]) });
  for (const match of phrases.takeAll(
    phrase(
      `(?:${CHECK}|and_+|with_+)?(?:there_+(?:are|is)_+|it_+has_+)?at_+least_+([\\d,']+|one|a)_+(?:rows?|records?)`,
    ),
  ))
    said.push({ type: 'row_count', min: numberOf(reading, match[1]), words: [] });
  for (const match of phrases.takeAll(
    phrase(
      '(?:and_+)?fail(?:s|ing)?_+(?:the_+run_+)?(?:if|when)_+(?:it_+is_+empty|(?:there_+are_+)?no_+rows|the_+(?:result|output)_+is_+empty)',
    ),
  ))
    said.push({ type: 'row_count', min: match === undefined ? 0 : 1, words: [] });
  for (const match of phrases.takeAll(
    phrase(`${must}_+(?:not_+be_+|never_+be_+|not_+|never_+)(?:be_+)?(?:negative|below_+(?:zero|0))`),
  ))
    said.push({ type: 'range', min: 0, words: words(match[1] ?? match[2]) });
  for (const match of phrases.takeAll(phrase(`${must}_+(?:be_+)?between_+(-?[\\d.,']+)_+and_+(-?[\\d.,']*\\d)`)))
    said.push({
      type: 'range',
      min: numberOf(reading, match[3]),
      max: numberOf(reading, match[4]),
      words: words(match[1] ?? match[2]),
    });
  for (const match of phrases.takeAll(phrase(`${must}_+(?:be_+)?(?:at_+least|>=)_+(-?[\\d.,']*\\d)`)))
    said.push({ type: 'range', min: numberOf(reading, match[3]), words: words(match[1] ?? match[2]) });
  for (const match of phrases.takeAll(phrase(`${must}_+(?:be_+)?(?:one_+of|in)_+\\(?\\s*(VALUES)\\s*\\)?`))) {
    const values = (match[3] ?? '').split(/\s*,\s*|\s+/).filter((word) => word !== '' && !/^(?:and|or)$/i.test(word));
    said.push({
      type: 'accepted_values',
      values: values.map((value) => literalOf(reading, value)),
      words: words(match[1] ?? match[2]),
    });
  }
  return said;
}

function numberOf(reading: Reading, text: string | undefined): number {
  if (/^(?:one|a)$/i.test(text ?? '')) return 1;
  const number = Number(literalOf(reading, text ?? ''));
  if (Number.isFinite(number)) return number;
  ask(reading, `'${short(text ?? '', 40)}' is no number`);
  return 0;
}

type Output = Pick<IntentCard, 'grain' | 'measures' | 'columns'>;

/** Ties the words of the checks to columns of the output; one that fits none is asked for. */
export function tieQuality(
  reading: Reading,
  said: readonly SaidQuality[],
  output: Output,
  find: (word: string) => SourceColumn | undefined,
): IntentQuality[] {
  return said.flatMap((check): IntentQuality[] => {
    const columns = check.words.map((word) => tie(reading, word, output, find));
    const known = columns.filter((name) => name !== undefined);
    if (check.type === 'row_count') return [{ type: 'row_count', min: check.min }];
    if (known.length < columns.length || known.length === 0) return [];
    const { words: _words, ...rest } = check;
    return [{ ...rest, columns: known }];
  });
}

function tie(
  reading: Reading,
  word: string,
  { grain, measures, columns }: Output,
  find: (word: string) => SourceColumn | undefined,
): string | undefined {
  const names = [
    ...grain.map(({ name }) => name),
    ...measures.map(({ name }) => name),
    ...columns.map(({ column }) => column),
  ];
  const exact = names.find((name) => name.toLowerCase() === word.toLowerCase());
  if (exact !== undefined) return exact;
  const period = grain.find(({ every }) => every !== undefined && every === word.toLowerCase());
  if (period !== undefined) return period.name;
  const of = find(word);
  const made =
    of === undefined
      ? []
      : [...grain, ...measures]
          .filter((each: GrainKey | Measure) => each.of?.column === of.column)
          .map(({ name }) => name);
  const passed = columns.find((each) => of !== undefined && each.column === of.column)?.column;
  const fitting = passed === undefined ? made : [passed];
  if (fitting.length === 1) return fitting[0];
  const column = of && columnOf(reading.sources, of);
  const what =
    column === undefined
      ? `a check is asked for on '${short(word, 60)}', which is no output column`
      : `a check is asked for on ${column.name}: on which output column?`;
  ask(reading, what, fitting.length > 0 ? fitting : names);
  return undefined;
}

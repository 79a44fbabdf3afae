import { columnOf, findColumn, typeOf } from './columns.js';
import { type GrainKey, type Measure, type MeasureFunction, type SourceColumn, TimeGrain } from './intent.js';
import { itemsOf, phrase } from './phrases.js';
import { ask, columnFor, type Reading, short, timeColumn } from './reading.js';

const WORDS: Record<string, MeasureFunction> = {
  sum: 'sum',
  sums: 'sum',
  total: 'sum',
  totals: 'sum',
  count: 'count',
  counts: 'count',
  number: 'count',
  average: 'avg',
  averages: 'avg',
  avg: 'avg',
  mean: 'avg',
  minimum: 'min',
  min: 'min',
  lowest: 'min',
  smallest: 'min',
  earliest: 'min',
  first: 'min',
  maximum: 'max',
  max: 'max',
  highest: 'max',
  largest: 'max',
  biggest: 'max',
  latest: 'max',
};
const FUNCTION =
  '(?:sums?|totals?|counts?|number|averages?|avg|mean|min(?:imum)?|max(?:imum)?|lowest|smallest|highest|largest|biggest|earliest|latest)';
const FUNCTIONS = `${FUNCTION}(?:(?:\\s*,\\s*(?:and_+)?|_+and_+|\\s*\\/\\s*|\\s*&\\s*)(?:the_+)?${FUNCTION})*`;
/** What people call rows. */
const ROWS =
  /^(?:records?|rows?|entries|events?|items?|transactions?|txns?|bookings?|postings?|orders?|payments?|trades?|lines?|messages?|them)$/i;
const LEAD = '(?:(?:the|a|with|and|of|calculat\\w+|comput\\w+)_+)*';

interface Said {
  function: MeasureFunction;
  of: SourceColumn | undefined;
}

/** Sums, counts and the like that the request names, in the order in which it names them. */
export function readMeasures(reading: Reading): Measure[] {
  const found: { at: number; said: Said[] }[] = [];
  const keep = (
    pattern: string,
    words: (match: RegExpExecArray) => { functions: string; column: string; distinct: boolean },
  ): void => {
    for (const match of reading.phrases.takeAll(phrase(`\\b(?:${pattern})`), (candidate) =>
      isMeasure(reading, words(candidate)),
    )) {
      const { functions, column, distinct } = words(match);
      found.push({ at: match.index, said: saidOf(reading, functions, column, distinct) });
    }
  };
  keep(`${LEAD}(${FUNCTION})\\(\\s*(distinct_+)?(\\*|\\w+)\\s*\\)`, (m) => ({
    functions: m[1] ?? '',
    column: m[3] ?? '',
    distinct: m[2] !== undefined,
  }));
  keep(`${LEAD}(?:number|count)_+of_+(?:distinct|unique|different)_+(\\w+)`, (m) => ({
    functions: 'count',
    column: m[1] ?? '',
    distinct: true,
  }));
  keep(`${LEAD}(?:distinct|unique)_+(?:count_+of_+)?(\\w+)(?:_+counts?)?`, (m) => ({
    functions: /count/i.test(m[0]) ? 'count' : '',
    column: m[1] ?? '',
    distinct: true,
  }));
  keep(`how_+many_+(\\w+)(?:_+(?:there_+(?:are|were)|were|are)(?:_+made)?)?`, (m) => ({
    functions: 'count',
    column: m[1] ?? '',
    distinct: false,
  }));
  keep(
    `${LEAD}(${FUNCTIONS})(?:_+up)?(?:_+of)?(?:_+(?:the|all))?_+(?:(?:transaction|payment|order|trade|booking)_+)?(?!of\\b)(\\w+)(?:_+values?)?`,
    (m) => ({
      functions: m[1] ?? '',
      column: m[2] ?? '',
      distinct: false,
    }),
  );
  keep(`${LEAD}(\\w+)_+(${FUNCTIONS})`, (m) => ({ functions: m[2] ?? '', column: m[1] ?? '', distinct: false }));
  const bare = reading.phrases.take(phrase(`\\b${LEAD}(?:row_+|record_+)?counts?\\b`));
  if (bare !== undefined) found.push({ at: bare.index, said: [{ function: 'count', of: undefined }] });
  const said = found.sort((a, b) => a.at - b.at).flatMap((each) => each.said);
  return named(reading, said);
}

function isMeasure(reading: Reading, { functions, column }: { functions: string; column: string }): boolean {
  const names =
    functions
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.filter((word) => word in WORDS) ?? [];
  if (names.length === 0) return false;
  return column === '*' || ROWS.test(column) || findColumn(reading.sources, column) !== undefined;
}

function saidOf(reading: Reading, functions: string, word: string, distinct: boolean): Said[] {
  const names =
    functions
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.filter((each) => each in WORDS) ?? [];
  return names.flatMap((name): Said[] => {
    const kind = WORDS[name] ?? 'count';
    const exact = findColumn(reading.sources, word);
    if (kind !== 'count') {
      const of = columnFor(reading, word);
      return of === undefined ? [] : [{ function: kind, of }];
    }
    if (distinct && exact !== undefined) return [{ function: 'count_distinct', of: exact }];
    const rows = word === '*' || ROWS.test(word) || isKeyAlone(reading, exact);
    if (rows || exact === undefined) return [{ function: 'count', of: undefined }];
    const choices = [`each ${exact.column} once`, 'rows'];
    const isKey = columnOf(reading.sources, exact)?.identifier === true;
    const what = `'${short(name)} of ${short(word, 60)}': is each ${exact.column} counted once, or are rows counted?`;
    ask(reading, what, choices, isKey ? choices[0] : choices[1]);
    return [isKey ? { function: 'count_distinct', of: exact } : { function: 'count', of: undefined }];
  });
}

/** Counting the only key of a table is counting its rows. */
function isKeyAlone({ sources }: Reading, ref: SourceColumn | undefined): boolean {
  const keys = sources.find(({ id }) => id === ref?.source)?.dataset.keys ?? [];
  return keys.length === 1 && keys[0] === ref?.column;
}

const PREFIX: Record<MeasureFunction, string> = {
  sum: 'total',
  count: 'count',
  count_distinct: 'distinct',
  avg: 'avg',
  min: 'min',
  max: 'max',
};

function named({ sources }: Reading, said: readonly Said[]): Measure[] {
  const taken = new Set<string>();
  return said.flatMap((each): Measure[] => {
    const name =
      each.of === undefined
        ? `${rowWord(sources[0]?.dataset.keys ?? [])}_count`
        : `${PREFIX[each.function]}_${each.of.column}`;
    const free = taken.has(name) && each.of !== undefined ? `${name}_of_${each.of.source}` : name;
    if (taken.has(free)) return [];
    taken.add(free);
    return [{ function: each.function, ...(each.of === undefined ? {} : { of: each.of }), name: free }];
  });
}

const rowWord = (keys: readonly string[]): string =>
  (keys.length === 1 ? /^([a-z]\w*)_id$/i.exec(keys[0] ?? '')?.[1]?.toLowerCase() : undefined) ?? 'record';

const ADVERBS: Record<string, TimeGrain> = {
  hourly: 'hour',
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
  annual: 'year',
  annually: 'year',
};

/** What one row of the result stands for: columns and grains of time behind "by", "per" or as "monthly". */
export function readGrain(reading: Reading): GrainKey[] {
  chooseTime(reading);
  const keys: GrainKey[] = [];
  const add = (word: string): boolean => {
    const key = keyOf(reading, word);
    if (key !== undefined && !keys.some(({ name }) => name === key.name)) keys.push(key);
    return key !== undefined;
  };
  const by = phrase(
    '(?:(?:and|then|it|them|which|that|is|are)_+)*(?:(?:aggregat\\w*|group\\w*|summari[sz]\\w*|totall?ed|split|rolled?_+up|broken_+down|break_+(?:it_+)?down)_+)*(?:the_+(?:rows|data)_+)?(?:by|per|for_+each|for_+every)_+(?:calendar_+|each_+)?(LIST)',
  );
  const known = (match: RegExpExecArray): number | false => {
    const list = match[1] ?? '';
    let end = 0;
    for (const item of itemsOf(list)) {
      if (!isKey(reading, item.text)) break;
      end = item.end;
    }
    return end === 0 ? false : match[0].length - list.length + end;
  };
  for (const match of reading.phrases.takeAll(by, known)) {
    for (const { text } of itemsOf(match[1] ?? '')) if (!isKey(reading, text) || !add(text)) break;
  }
  for (const match of reading.phrases.takeAll(
    /\b(?:per|for each|for every|group(?:ed|s)?\s+by|aggregat\w+\s+by)\s+(?:the\s+)?([a-z_]\w*)/i,
  ))
    columnFor(reading, match[1] ?? '');
  const adverb = phrase(`(?:${Object.keys(ADVERBS).join('|')})\\b`);
  for (const match of reading.phrases.takeAll(adverb)) add(ADVERBS[match[0].toLowerCase()] ?? 'day');
  return keys;
}

/** "By day of settled_at" says which column of time is meant. */
function chooseTime(reading: Reading): void {
  const said =
    /(?<=\b(?:hour|day|week|month|quarter|year))\s+(?:(?:of|from|based\s+on|using|in)\s+(?:the\s+)?|\(\s*)([a-z_]\w*)/i;
  const found = reading.phrases.take(said, (match) => isTime(reading, match[1]));
  const of = findColumn(reading.sources, found?.[1] ?? '');
  if (of !== undefined) reading.time = of;
}

function isTime({ sources }: Reading, word: string | undefined): boolean {
  const of = findColumn(sources, word ?? '');
  const kind = of && typeOf(sources, of)?.kind;
  return kind === 'date' || kind === 'timestamp' || kind === 'timestamp_ntz';
}

const isKey = (reading: Reading, word: string): boolean =>
  grainOf(word) !== undefined || findColumn(reading.sources, word) !== undefined;

function grainOf(word: string): TimeGrain | undefined {
  const parsed = TimeGrain.safeParse(word.toLowerCase().replace(/s$/, ''));
  return parsed.success ? parsed.data : undefined;
}

function keyOf(reading: Reading, word: string): GrainKey | undefined {
  const every = grainOf(word);
  if (every === undefined) {
    const of = findColumn(reading.sources, word);
    return of && { of, name: of.column };
  }
  const of = timeColumn(reading);
  if (of === undefined) return undefined;
  const base = of.column.toLowerCase().replace(/_(?:ts|at|on|date|day|time|timestamp|dt)$/, '');
  return { of, every, name: `${base}_${every === 'day' ? 'date' : every}` };
}

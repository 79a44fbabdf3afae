import { findColumn, type NamedSource } from './columns.js';
import type { IntentJoin, SourceColumn } from './intent.js';
import { itemsOf, phrase } from './phrases.js';
import { ask, type Reading, short } from './reading.js';

const JOIN =
  '(?:(?:and|then|it|them|which|is|are|the_+result)_+)*(left_+)?(?:join(?:s|ed|ing)?|enrich\\w*|combin\\w+|match\\w*|look(?:s|ed|ing)?_+up)';

/** How the second and later sources meet the first: by the keys that the request names, else by the one key they share. */
export function readJoins(reading: Reading): IntentJoin[] {
  const [first, ...others] = reading.sources;
  if (first === undefined || others.length === 0) return [];
  const { phrases } = reading;
  const verb = phrases.take(
    phrase(`${JOIN}(?:_+(?:it|them|each_+\\w+|the_+rows))?(?:_+(?:with|to|against|from|in))?\\b`),
  );
  const unmatched = phrases.take(
    /\b(?:and\s+)?keep(?:s|ing)?\s+(?:the\s+|all\s+)*(?:unmatched|rows?|records?)(?:\s+rows)?(?:\s+without\s+a\s+match)?/i,
  );
  const matched = phrases.take(
    /\b(?:and\s+)?(?:drop|without|ignore)\w*\s+(?:the\s+|all\s+)*unmatched(?:\s+(?:rows?|records?))?|\binner(?=\s|␟)/i,
  );
  const on = namedKeys(reading);
  if (verb === undefined && on.length === 0) {
    ask(
      reading,
      `how do ${first.dataset.name} and ${others[0]?.dataset.name} meet? Say: join them on a column`,
      shared(first, others[0]),
    );
    return [];
  }
  const left = verb?.[1] !== undefined || /enrich|look/i.test(verb?.[0] ?? '') || unmatched !== undefined;
  return others.flatMap((other) => {
    const pairs = pairsOf(reading, first, other, on.length > 0 ? on : assumedKeys(reading, first, other));
    if (pairs.length === 0) return [];
    if (!left && matched === undefined) {
      ask(
        reading,
        `rows of ${first.dataset.name} without a match in ${other.dataset.name}: are they dropped or kept?`,
        ['dropped', 'kept'],
        'dropped',
      );
    }
    return [{ source: other.id, kind: left ? 'left' : 'inner', on: pairs }];
  });
}

function namedKeys(reading: Reading): string[] {
  const equal = reading.phrases.takeAll(
    /(?:\b(?:on|where|using|and|via)\s+)(?:the\s+)?([a-z_]\w*)\s*(?:==?|equals|matches)\s*([a-z_]\w*)/i,
    (match) => [match[1], match[2]].every((word) => findColumn(reading.sources, word ?? '') !== undefined),
  );
  if (equal.length > 0) return equal.map((match) => `${match[1]}=${match[2]}`);
  const known = (text: string): boolean => findColumn(reading.sources, text) !== undefined;
  const found = reading.phrases.take(
    phrase('(?:on|by|using|via|over)_+(?:the_+)?(?:same_+|common_+|column_+|key_+|keys_+)*(LIST)'),
    (match) => {
      const list = match[1] ?? '';
      let end = 0;
      for (const item of itemsOf(list)) {
        if (!known(item.text)) break;
        end = item.end;
      }
      // "aggregate by customer" is no join: only what stands behind the joined data set is.
      const before = match.input.slice(Math.max(0, match.index - 40), match.index);
      return end > 0 &&
        /@d\d+[^@]*$|join\w*\s*$|␟\s*(?:each\s+other\s*)?$/.test(before) &&
        !/aggregat|group|sum|count/i.test(before)
        ? match[0].length - list.length + end
        : false;
    },
  );
  return found === undefined
    ? []
    : itemsOf(found[1] ?? '')
        .map(({ text }) => text)
        .filter(known);
}

const has = (source: NamedSource, name: string): boolean =>
  source.version.columns.some((column) => column.name === name);

function shared(first: NamedSource, other: NamedSource | undefined): string[] {
  return first.version.columns
    .map(({ name }) => name)
    .filter((name) => other !== undefined && !name.startsWith('_') && has(other, name));
}

function assumedKeys(reading: Reading, first: NamedSource, other: NamedSource): string[] {
  const keys =
    other.dataset.keys.length > 0 && other.dataset.keys.every((key) => has(first, key)) ? other.dataset.keys : [];
  const assumed = keys.length > 0 ? keys.join(', ') : undefined;
  ask(
    reading,
    `on which columns do ${first.dataset.name} and ${other.dataset.name} meet?`,
    shared(first, other),
    assumed,
  );
  return [...keys];
}

function pairsOf(
  reading: Reading,
  first: NamedSource,
  other: NamedSource,
  words: readonly string[],
): { left: SourceColumn; right: SourceColumn }[] {
  return words.flatMap((word) => {
    const [one, two = one] = word.split('=');
    const sides = [
      [findColumn([first], one ?? ''), findColumn([other], two ?? '')],
      [findColumn([first], two ?? ''), findColumn([other], one ?? '')],
    ].find(([left, right]) => left !== undefined && right !== undefined);
    const [left, right] = sides ?? [];
    if (left !== undefined && right !== undefined) return [{ left, right }];
    const what = `${first.dataset.name} and ${other.dataset.name} do not both have '${short(word, 60)}'`;
    ask(reading, `${what}: which columns meet? Say: on one = the other`, shared(first, other));
    return [];
  });
}

/** Columns that pass through, in the order of the request; undefined when it names none. */
export function readColumns(reading: Reading): SourceColumn[] | undefined {
  const { phrases, sources } = reading;
  const all = phrases.take(
    /\b(?:(?:with|keep(?:s|ing)?|select(?:s|ing)?|including|of|and)\s+)*(?:all|every)\s+(?:of\s+)?(?:the\s+|its\s+)?(?:columns?|fields?)/i,
  );
  if (all !== undefined)
    return sources
      .slice(0, 1)
      .flatMap(({ id, version }) => version.columns.map(({ name }) => ({ source: id, column: name })));
  const verb =
    '(?:(?:and|then|it|with|only)_+)*(?:select(?:s|ing)?|keep(?:s|ing)?(?:_+only)?|tak(?:es?|ing)|add(?:s|ing)?|project(?:s|ing)?|including|includ(?:es?|ing)|cop(?:y|ies|ying)|get(?:s|ting)?|with|show(?:s|ing)?|writ(?:es?|ing))_+';
  const pattern = phrase(
    `(?:${verb})(?:only_+)?(?:the_+)?(?:columns?_+|fields?_+)?(?:the_+)?(LIST)(?:_+columns?|_+fields?)?|(?:columns?|fields?):?_+(LIST)`,
  );
  const found = phrases.takeAll(pattern, (match) => {
    const list = match[1] ?? match[2] ?? '';
    let end = 0;
    for (const item of itemsOf(list)) {
      if (findColumn(sources, item.text) === undefined) break;
      end = item.end;
    }
    if (end === 0) return false;
    return end === list.length ? true : match[0].indexOf(list) + end;
  });
  const columns = found.flatMap((match) =>
    itemsOf(match[1] ?? match[2] ?? '').flatMap(({ text }) => findColumn(sources, text) ?? []),
  );
  const distinct = columns.filter((each, at) => columns.findIndex((other) => other.column === each.column) === at);
  return distinct.length > 0 ? distinct : undefined;
}

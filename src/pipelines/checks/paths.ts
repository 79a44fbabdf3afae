import type { Finding } from '../finding.js';
import { shown } from '../shown.js';
import { at, type CheckContext } from './context.js';

/** Every path and table that a config names, with its place. */
export function namedPlaces({ config }: CheckContext): { text: string; path: readonly PropertyKey[] }[] {
  const { sources, sink, errorHandling } = config;
  const targets = [
    { target: sink, path: ['sink'] },
    ...(errorHandling.deadLetter ? [{ target: errorHandling.deadLetter, path: ['errorHandling', 'deadLetter'] }] : []),
  ];
  const all = [
    ...sources.flatMap((source, index): { text: string | undefined; path: PropertyKey[] }[] => {
      if (source.type === 'kafka') return [{ text: source.topic, path: ['sources', index, 'topic'] }];
      if (source.type === 'oracle_cdc') return [{ text: source.table, path: ['sources', index, 'table'] }];
      return [{ text: source.path, path: ['sources', index, 'path'] }];
    }),
    ...targets.flatMap(({ target, path }) => [
      { text: target.path, path: [...path, 'path'] },
      { text: target.table, path: [...path, 'table'] },
    ]),
  ];
  return all.flatMap(({ text, path }) => (text === undefined ? [] : [{ text, path }]));
}

/** SEC003: a path that climbs out of its place, also in the spellings that some systems take for `..`. */
export function climbingPaths(context: CheckContext): Finding[] {
  return namedPlaces(context).flatMap(({ text, path }) => {
    const climbs = decoded(text)
      .split(/[/\\]/)
      .some((part) => part.trim() === '..' || part === '~');
    const odd = /[\p{Cc}]/u.test(text);
    if (!climbs && !odd) return [];
    const why = climbs ? 'climbs out of its place' : 'has a control character';
    return [at(context, 'SEC003', path, `the path '${shown(text)}' ${why}`, 'write the whole path')];
  });
}

/** `%2e%2e%2f` is `../` for whoever decodes it, once or twice. */
function decoded(text: string): string {
  const once = (part: string): string =>
    part.replaceAll(/%([0-7][0-9a-f])/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return once(once(text));
}

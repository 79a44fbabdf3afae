import type { PipelineCatalog } from '../catalog.js';
import { findColumn } from './columns.js';
import { type IntentCard, type IntentSink, TimeGrain } from './intent.js';
import { itemsOf, phrase } from './phrases.js';
import { ask, type Reading } from './reading.js';

const WRITE =
  '(?:(?:and|then|which|that|it)_+)*(?:writ(?:es?|ing|ten)|sav(?:es?|ing)|stor(?:es?|ing)|lands?|loads?|outputs?|puts?|publish(?:es)?|sinks?|materiali[sz]es?)(?:_+(?:it|them|that|this|everything|(?:the_+)?(?:rows|data|results?|output|aggregates?)))?';
const KIND = '(?:(?:an?|the|our)_+)?(delta|iceberg|s3|parquet)?(?:_+(?:lake|table|format|files?|bucket|path))*';
const PREPOSITION = '(?:in(?:to)?|to|as|at|on|under)';

interface Target {
  type: IntentSink['type'];
  path?: string;
  table?: string;
}

/** Where the result goes: a path or a table, and its format. */
export function readTarget(reading: Reading): Target | undefined {
  const { phrases, linked } = reading;
  const lead = `(?:${WRITE}_+${PREPOSITION}|(?:the_+)?(?:sink|target|destination)(?:_+is|:)?|(?:in)?to|(?=\\b(?:delta|iceberg|s3|parquet)\\b))`;
  const between = `(?:\\s*(?:${PREPOSITION}|:|,)?\\s*(?:the_+)?(?:path|location)?)?`;
  const at = phrases.take(
    phrase(
      `${lead}\\s*${KIND}${between}\\s*@p(\\d+)(?:_+(?:as|in)_+(?:an?_+)?(delta|iceberg|parquet)(?:_+(?:table|format|files))?)?`,
    ),
  );
  if (at !== undefined) return { type: typeOf(reading, at[1] ?? at[3]), path: linked.paths[Number(at[2])] ?? '' };
  const named = phrases.take(phrase(`${WRITE}_+${PREPOSITION}_+${KIND}_+([a-z][\\w]*\\.[a-z][\\w.]*\\w)`));
  if (named !== undefined) return { type: typeOf(reading, named[1]), table: named[2] ?? '' };
  phrases.take(phrase(`${WRITE}_+${PREPOSITION}_+${KIND}`));
  ask(reading, 'where is the result written? A path or a table is needed, such as Delta at /mnt/curated/<name>');
  return undefined;
}

function typeOf(reading: Reading, said: string | undefined): IntentSink['type'] {
  const word = said?.toLowerCase();
  if (word === 'delta' || word === 'iceberg') return word;
  if (word === 's3' || word === 'parquet') return 's3';
  ask(reading, 'in which format is the result written?', ['delta', 'iceberg', 's3'], 'delta');
  return 'delta';
}

export interface SaidMode {
  mode: IntentSink['mode'];
  /** Words for the keys of a merge. */
  keys: string[];
}

const MERGE =
  '(?:(?:and|using|with|as)_+)*(?:an?_+)?(?:merg(?:e|es|ing)|upserts?)(?:_+(?:mode|it|them|the_+result|rows))*';

/** How rows meet what is there already, where the request says so. */
export function readMode({ phrases, sources }: Reading): SaidMode | undefined {
  const isKey = (word: string): boolean => TimeGrain.safeParse(word).success || findColumn(sources, word) !== undefined;
  const keyed = phrases.take(phrase(`${MERGE}_+(?:keys?|on|by)(?:_+keys?)?(?:_+|:\\s*)(LIST)`), (match) => {
    const list = match[1] ?? '';
    const known = itemsOf(list).findIndex(({ text }) => !isKey(text));
    const items = known < 0 ? itemsOf(list) : itemsOf(list).slice(0, known);
    return items.length > 0 && match[0].length - list.length + (items.at(-1)?.end ?? 0);
  });
  if (keyed !== undefined) {
    const words = itemsOf(keyed[1] ?? '').map(({ text }) => text);
    const unknown = words.findIndex((word) => !isKey(word));
    return { mode: 'merge', keys: unknown < 0 ? words : words.slice(0, unknown) };
  }
  if (phrases.take(phrase(`${MERGE}(?:_+(?:into|keys?))?\\b`)) !== undefined) return { mode: 'merge', keys: [] };
  if (
    phrases.take(
      phrase(
        '(?:(?:and|using|with|as|in)_+)*(?:an?_+)?(?:full_+)?(?:overwrit(?:e|es|ing|ten)|replac(?:e|es|ing))\\b(?:_+(?:mode|it|the_+(?:table|target)|everything|each_+(?:run|time)|every_+(?:run|time)))*',
      ),
    )
  ) {
    return { mode: 'overwrite', keys: [] };
  }
  if (
    phrases.take(
      phrase(
        '(?:(?:and|using|with|as|in)_+)*(?:an?_+)?append(?:s|ing|ed)?\\b(?:_+(?:mode|only|it|them|(?:the_+)?rows))*',
      ),
    )
  ) {
    return { mode: 'append', keys: [] };
  }
  return undefined;
}

/** The connection by which the team may write there: the one with the longest beginning of the path. */
export function connectionFor(
  reading: Pick<Reading, 'open'>,
  target: Target,
  team: string | undefined,
  catalog: PipelineCatalog,
): string | undefined {
  const place = target.path ?? target.table ?? '';
  const stores = catalog.connections.filter(({ type }) => type === 'adls' || type === 's3');
  const may = (rights: readonly string[]): boolean =>
    rights.includes('*') || (team !== undefined && rights.includes(team));
  const fitting = stores.flatMap(({ name, write, paths }) => {
    const beginnings = [
      ...(paths['*'] ?? []),
      ...(team === undefined ? Object.values(paths).flat() : (paths[team] ?? [])),
    ];
    const longest = beginnings
      .filter((beginning) => place.startsWith(beginning))
      .sort((a, b) => b.length - a.length)[0];
    const allowed = team === undefined || may(write);
    return allowed && (longest !== undefined || Object.keys(paths).length === 0)
      ? [{ name, length: longest?.length ?? 0 }]
      : [];
  });
  fitting.sort((a, b) => b.length - a.length);
  const [best, next] = fitting;
  if (best !== undefined && best.length !== next?.length) return best.name;
  const who = team === undefined ? 'this' : `the team ${team}`;
  const names = fitting.map(({ name }) => name);
  const what =
    best === undefined
      ? `no connection is known by which ${who} may write ${place}: which one, or which other place?`
      : `by which connection is ${place} written?`;
  ask(reading, what, names.length > 0 ? names : stores.map(({ name }) => name));
  return undefined;
}

/** A name for the pipeline: as said, else the last part of where it writes. */
export function readName({ phrases, linked, open }: Reading, target: Target | undefined): string | undefined {
  const said = phrases.take(
    phrase('(?:(?:pipeline|it)_+)?(?:called|named|name(?:_+is|:)|with_+the_+name)_+(?:it_+)?(?:@q(\\d+)|([a-z]\\w+))'),
  );
  const quoted = said?.[1] === undefined ? undefined : linked.quotes[Number(said[1])];
  const last = quoted ?? said?.[2] ?? (target?.path ?? target?.table)?.split(/[./]/).findLast((part) => part !== '');
  const name = last
    ?.toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '');
  if (name !== undefined && /^[a-z][a-z0-9_]{2,62}$/.test(name)) return name;
  ask({ open }, 'what is the pipeline called?');
  return undefined;
}

/** Who answers for the pipeline: as said, else who asks. */
export function readOwner(reading: Reading, author: IntentCard['owner']): IntentCard['owner'] {
  const { phrases } = reading;
  const contact = phrases.take(
    phrase(
      '(?:and_+)?(?:(?:contact|questions_+go_+to)(?:_+is|:|_+in)?_+(?:channel_+)?|channel_+(?=#))(#[\\w-]+|[\\w.+-]+)',
    ),
  )?.[1];
  const team =
    phrases.take(
      phrase(
        '(?:(?:and|the)_+)?(?:owned_+by|owner(?:_+is|:)?|own(?:s|ing)?_+team(?:_+is|:)?)_+(?:the_+)?(?:team_+)?([a-z0-9][a-z0-9-]+)(?:_+team)?',
      ),
    )?.[1] ??
    phrases
      .take(
        phrase(
          '(?:for|by)_+(?:the_+)?team_+([a-z0-9][a-z0-9-]+)|(?:for|by)_+(?:the_+|our_+)?([a-z0-9][a-z0-9-]+)_+team\\b',
        ),
      )
      ?.slice(1)
      .find((part) => part !== undefined);
  // A department is context for whoever reads the request, and nothing that the pipeline does.
  phrases.take(
    /\b(?:(?:in|for|by|of|from)\s+)?(?:the|our|a)?\s*(?:department|division|unit|desk|office)\s+(?:(?:called|named)\s+)?(?:@q\d+|[A-Z]\w*)(?:\s+(?:needs|wants|asks for|asked for|would like))?/,
  );
  phrases.take(
    /\b(?:(?:in|for|by|of|from)\s+)?(?:[Tt]he|[Oo]ur|[Aa]n?)\s+(?:@q\d+|[\w-]+|[A-Z][\w-]*(?:\s+[A-Z][\w-]*){1,2})\s+(?:department|division|unit|desk|office)\b(?:\s+(?:needs|wants|asks for|asked for|would like))?/,
  );
  if (team !== undefined) {
    const known = team.toLowerCase();
    return { team: known, contact: contact ?? (author?.team === known ? author.contact : `#${known}`) };
  }
  if (author === undefined) ask(reading, 'which team owns the pipeline, and where are questions asked?');
  return author && contact !== undefined ? { ...author, contact } : author;
}

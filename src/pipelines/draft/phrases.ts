/** Stands where words were taken: no letter, and nothing that a request can hold. */
export const TAKEN = '␟';

/**
 * The words of a request that nobody has understood yet. Each reader takes the phrases that it knows; what is left at the end is said
 * to the asker, so that no word of a request is passed over in silence.
 */
export interface Phrases {
  /** The first match in what is left; its words are then spoken for. `accept` may refuse it, or keep only a beginning of it. */
  take(pattern: RegExp, accept?: (match: RegExpExecArray) => number | boolean): RegExpExecArray | undefined;
  takeAll(pattern: RegExp, accept?: (match: RegExpExecArray) => number | boolean): RegExpExecArray[];
  has(pattern: RegExp): boolean;
  left(): string;
}

/** @param text the request after linking: data sets, paths and quoted texts are placeholders. */
export function createPhrases(text: string): Phrases {
  let rest = text;
  const take: Phrases['take'] = (pattern, accept) => {
    const search = new RegExp(pattern.source, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`);
    for (let match = search.exec(rest); match !== null; match = search.exec(rest)) {
      if (match[0].length === 0) return undefined;
      const accepted = accept?.(match) ?? true;
      if (accepted === false) {
        search.lastIndex = match.index + 1;
        continue;
      }
      const length = accepted === true ? match[0].length : accepted;
      rest = rest.slice(0, match.index) + TAKEN.repeat(length) + rest.slice(match.index + length);
      return match;
    }
    return undefined;
  };
  return {
    take,
    takeAll(pattern, accept) {
      const found: RegExpExecArray[] = [];
      for (
        let match = take(pattern, accept);
        match !== undefined && found.length < 100;
        match = take(pattern, accept)
      ) {
        found.push(match);
      }
      return found;
    },
    has: (pattern) => pattern.test(rest),
    left: () => rest.replaceAll(TAKEN, ' '),
  };
}

/** A pattern in which `ITEM`, `LIST` and `VALUE` stand for a name, names with commas and "and" between, a literal. */
export function phrase(source: string): RegExp {
  const filled = source
    .replaceAll('LIST', `${ITEM}(?:${BETWEEN}${ITEM})*`)
    .replaceAll('ITEM', ITEM)
    .replaceAll('VALUES', `${VALUE}(?:(?:\\s*,\\s*(?:and\\s+|or\\s+)?|\\s+(?:and|or)\\s+)${VALUE})*`)
    .replaceAll('VALUE', VALUE)
    .replaceAll('_+', '\\s+');
  return new RegExp(filled, 'i');
}

const ITEM = '(?:the\\s+)?[a-z_]\\w*';
const BETWEEN = '(?:\\s*,\\s*(?:and\\s+)?|\\s+and\\s+|\\s*&\\s*|\\s*\\/\\s*)';
const VALUE = "(?:@q\\d+|-?\\d[\\d.,'_]*\\d|\\d|[a-z_]\\w*)";

export interface ListItem {
  text: string;
  /** Where it ends in the phrase. */
  end: number;
}

/** The names of a list with where each ends, so that a reader can stop at the first that it does not know. */
export function itemsOf(list: string): ListItem[] {
  const items: ListItem[] = [];
  for (const match of list.matchAll(/[^\s,&/]+/g)) {
    if (/^(?:and|or|the)$/i.test(match[0])) continue;
    items.push({ text: match[0], end: match.index + match[0].length });
  }
  return items;
}

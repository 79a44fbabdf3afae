/** A family of failure, e.g. `missing_column`: named in families.yaml, where its tokens stand. */
export type Family = string;

/** Which tokens of an error text mean which family, and how texts name columns: compiled out of the files. */
export interface ErrorWords {
  /** Read from the top: a line belongs to the first family of which a token stands in it. */
  families: readonly { family: Family; tokens: readonly RegExp[] }[];
  columns: readonly RegExp[];
  /** Which settings give more of what an error says ran out. */
  levers: readonly LeverRow[];
}

/** Settings by the words of their names, for errors that say so. */
export interface LeverRow {
  says?: RegExp | undefined;
  words: RegExp;
  not?: RegExp | undefined;
  /** Raised together with it, where there is one. */
  also?: RegExp | undefined;
}

/** The family of one line; undefined when it holds no token, or when it only gives advice. */
export function familyOf({ families }: ErrorWords, line: string): Family | undefined {
  return families.find(({ tokens }) => tokens.some((token) => token.test(line)))?.family;
}

/** Names of columns that an error text is about, without qualifiers. */
export function columnsIn({ columns }: ErrorWords, text: string): string[] {
  const names = columns.flatMap((pattern) => [...text.matchAll(pattern)].flatMap((match) => match.slice(1)));
  return [...new Set(names.filter((name) => name !== undefined).map((name) => name.split('.').at(-1) ?? name))];
}

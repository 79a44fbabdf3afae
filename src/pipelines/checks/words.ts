/** A piece of SQL that is no comment and no white space. */
export interface SqlToken {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  /** Without back-ticks or quotes. */
  text: string;
  /** Offsets in the text, and how many brackets are open around it. */
  start: number;
  end: number;
  depth: number;
}

const TOKEN =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|"(?:[^"\\]|\\[\s\S])*(?:"|$))|(`(?:[^`]|``)*(?:`|$))|([\p{L}_][\p{L}\p{N}_]*)|(\d[\w.]*)|(\S)/gu;

/** Reads SQL word by word, whether or not it parses: what names say must be seen in a broken query, too. */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let depth = 0;
  for (const match of sql.matchAll(TOKEN)) {
    const [all, comment, string, quoted, word, number, symbol] = match;
    if (comment !== undefined) continue;
    if (symbol === ')') depth = Math.max(0, depth - 1);
    const [start, end] = [match.index, match.index + all.length];
    if (string !== undefined) tokens.push({ kind: 'string', text: string.slice(1, -1), start, end, depth });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.slice(1, -1), start, end, depth });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, start, end, depth });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, start, end, depth });
    else tokens.push({ kind: 'symbol', text: all, start, end, depth });
    if (symbol === '(') depth += 1;
  }
  return tokens;
}

/** The words of a name: `amlFlag`, `aml_flag` and `AMLFlag` are `aml` and `flag`; `yaml_total` has no `aml`. */
export function nameWords(name: string): string[] {
  return plain(
    name
      .replaceAll(/([\p{Ll}])(\p{Lu})/gu, '$1 $2')
      .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
      .replaceAll(/(\p{L})(\d)|(\d)(\p{L})/gu, '$1$3 $2$4'),
  )
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Small letters without accents, as `Geldwäsche` is also written `geldwasche`. */
export function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

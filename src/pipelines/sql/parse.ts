import { Dialect, parse } from '@polyglot-sql/sdk';
import { type Finding, finding } from '../finding.js';
import type { PlaceInFile } from './bound.js';
import { offsetsOf, type Span, wordsOf } from './span.js';
import { kindOf, type Tree } from './tree.js';

const QUERIES = new Set(['select', 'union', 'intersect', 'except', 'subquery', 'paren']);
const DEEPEST = 32;

interface ParserAnswer {
  success: boolean;
  ast?: unknown;
  error?: string;
  errorStart?: number;
  errorEnd?: number;
}

export interface ParsedQuery {
  tree: Tree;
  /** Where a span of the tree stands in the file. */
  placeOf: (span: Span | undefined) => ReturnType<PlaceInFile>;
  /** Where a word stands that the tree keeps no place of. */
  placeOfWord: (pattern: RegExp, before?: Span) => ReturnType<PlaceInFile>;
}

/**
 * One SELECT of Spark SQL as a tree. The only place that knows the parser (`@polyglot-sql/sdk`), and it uses it for parsing alone:
 * its types and its transpiling are not Spark's.
 */
export function parseQuery(
  sql: string,
  path: string,
  placeInFile: PlaceInFile,
): { query: ParsedQuery | undefined; findings: Finding[] } {
  const offset = offsetsOf(sql);
  const placeOf = (span: Span | undefined): ReturnType<PlaceInFile> =>
    span === undefined ? undefined : placeInFile(offset(span.start), offset(span.end));
  const fail = (rule: 'SQL000' | 'SQL010' | 'SQL014', message: string, span?: Span): ReturnType<typeof parseQuery> => ({
    query: undefined,
    findings: [finding(rule, { path, place: placeOf(span), message })],
  });
  const answer = parse(sql, Dialect.Spark) as ParserAnswer;
  if (!answer.success) {
    const { error = '', errorStart = 0, errorEnd = errorStart } = answer;
    const span = { start: errorStart, end: errorEnd };
    if (error.includes('E_GUARD') || error.includes('call stack'))
      return fail('SQL014', `nested deeper than the parser goes (${DEEPEST} levels)`, span);
    return fail('SQL000', told(error), span);
  }
  const statements = Array.isArray(answer.ast) ? answer.ast : [];
  if (statements.length !== 1)
    return fail('SQL010', `${statements.length} statements; a transformer is exactly one query`);
  const { kind } = kindOf(statements[0]);
  if (!QUERIES.has(kind)) return fail('SQL010', `${kind.replaceAll('_', ' ')}; a transformer is one SELECT`);
  const words = wordsOf(sql);
  const placeOfWord: ParsedQuery['placeOfWord'] = (pattern, before) => {
    const found = words(pattern, before && offset(before.start));
    return found && placeInFile(found.start, found.end);
  };
  return { query: { tree: statements[0] as Tree, placeOf, placeOfWord }, findings: [] };
}

/** The parser's own words without its position, which the place says. */
function told(error: string): string {
  return error
    .replace(/^.*?at line \d+, column \d+:\s*/, '')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 200);
}

import { type Finding, finding } from '../finding.js';
import type { PlaceInFile } from '../sql/bound.js';
import { parseQuery } from '../sql/parse.js';
import type { Span } from '../sql/span.js';
import type { Tree } from '../sql/tree.js';
import { placeInText } from '../text-place.js';
import { type ColumnName, type Condition, columnsIn, readCondition } from './conditions.js';
import type { CheckContext } from './context.js';

const BEFORE = 'SELECT 1 WHERE (';

/** An expression of a check, which is no query of its own. */
export interface WrittenExpression {
  tree: unknown;
  condition: Condition;
  columns: readonly ColumnName[];
  placeOf(span: Span | undefined): ReturnType<PlaceInFile>;
}

/** Reads an expression at a path of the config; what does not parse is a finding. */
export function readExpression(
  { source }: Pick<CheckContext, 'source'>,
  text: string,
  path: readonly PropertyKey[],
): { expression: WrittenExpression | undefined; findings: Finding[] } {
  const place = placeInText(source, path);
  const shifted: PlaceInFile = (start, end) =>
    place(Math.max(0, start - BEFORE.length), Math.min(text.length, Math.max(0, end - BEFORE.length)));
  const { query, findings } = parseQuery(`${BEFORE}${text}\n)`, path.map(String).join('.'), shifted);
  if (query === undefined) return { expression: undefined, findings };
  const where = (query.tree['select'] as Tree | undefined)?.['where_clause'] as Tree | undefined;
  const tree = where?.['this'];
  if (tree === undefined || extraParts(query.tree['select'] as Tree)) {
    const message = 'this is not one expression';
    return {
      expression: undefined,
      findings: [finding('SQL000', { path: path.map(String).join('.'), place: place(0, text.length), message })],
    };
  }
  return {
    expression: { tree, condition: readCondition(tree), columns: columnsIn(tree), placeOf: query.placeOf },
    findings: [],
  };
}

/** A bracket too many would let the text leave its place: `a) ORDER BY (b`. */
function extraParts(select: Tree): boolean {
  return ['order_by', 'group_by', 'having', 'limit', 'joins', 'qualify'].some((key) => {
    const part = select[key];
    return part != null && !(Array.isArray(part) && part.length === 0);
  });
}

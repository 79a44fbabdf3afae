import { AppError } from '../../src/domain/errors.js';

/**
 * The statement without its closing semicolon when it is one SELECT, WITH, INSERT … query or CREATE TABLE … AS, which EXPLAIN
 * plans without running. @throws AppError `invalid_input` for anything else, EXPLAIN ANALYZE among it.
 */
export function explainableSql(sql: string): string {
  const bare = withoutLiterals(sql);
  const statement = bare?.trim().replace(/;\s*$/, '').trim() ?? '';
  const allowed =
    /^(select|with|\(\s*select)\b/i.test(statement) ||
    /^insert\s+into\b.*\b(select|with|values|table)\b/is.test(statement) ||
    /^create\s+(or\s+replace\s+)?table\b.*\bas\s*\(?\s*(select|with)\b/is.test(statement);
  if (!allowed || statement.includes(';')) {
    throw new AppError('invalid_input', {
      safeText: 'Only one SELECT, INSERT … SELECT or CREATE TABLE … AS can be explained.',
    });
  }
  return sql.trim().replace(/;\s*$/, '');
}

const NAME = String.raw`\w+(?:\s*\.\s*\w+)*`;
const BRACKETS = String.raw`\([^()]*\)`;
const INSERT = new RegExp(
  String.raw`^insert\s+into\s+${NAME}\s*(?:${BRACKETS}\s*)?(?=(?:select|with|values|table)\b|\()`,
  'i',
);
const CREATE = new RegExp(
  String.raw`^create\s+(?:or\s+replace\s+)?table\s+(?:if\s+not\s+exists\s+)?${NAME}\s*(?:${BRACKETS}\s*)?(?:comment\s+'_*'\s*)?(?:with\s*${BRACKETS}\s*)?as\s*(?=(?:select|with)\b|\()`,
  'i',
);

/** The query of an INSERT or CREATE TABLE … AS: what a login that may only read is allowed to plan. Undefined where there is none. */
export function queryOfWrite(sql: string): string | undefined {
  const statement = explainableSql(sql);
  const bare = withoutLiterals(statement) ?? '';
  const start = (INSERT.exec(bare) ?? CREATE.exec(bare))?.[0].length;
  if (start === undefined) return undefined;
  const end = /\bwith\s+(?:no\s+)?data\s*$/i.exec(bare)?.index ?? bare.length;
  return statement.slice(start, end).trim();
}

/**
 * The SQL with comments, texts and quoted names blanked to the same length, so that keywords and semicolons in them do not count;
 * undefined when one is left open.
 */
function withoutLiterals(sql: string): string | undefined {
  let open = false;
  const blanked = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|['"]|\/\*/g, (found) => {
    if (found.length > 1 && found.startsWith("'")) return `'${'_'.repeat(found.length - 2)}'`;
    if (found.length > 1 && found.startsWith('"')) return '_'.repeat(found.length);
    if (found.startsWith('--') || found.endsWith('*/')) return ' '.repeat(found.length);
    open = true;
    return found;
  });
  return open ? undefined : blanked;
}

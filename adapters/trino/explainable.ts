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

/** The SQL with comments and quoted texts blanked, so that keywords and semicolons in them do not count; undefined when one is left open. */
function withoutLiterals(sql: string): string | undefined {
  const blanked = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, (quoted) =>
    quoted.startsWith("'") ? "''" : quoted.startsWith('"') ? '""' : ' ',
  );
  const rest = blanked.replaceAll("''", '').replaceAll('""', '');
  return /['"]|\/\*/.test(rest) ? undefined : blanked;
}

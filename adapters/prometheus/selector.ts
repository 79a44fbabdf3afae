import { AppError } from '../../src/domain/errors.js';

/** Words that may stand before a selector without naming it. */
const OPERATORS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'unless',
  'atan2',
  'bool',
  'by',
  'without',
  'on',
  'ignoring',
]);

/** Refuses PromQL that selects series by nothing: `{__name__=~".+"}` would read the whole server. @throws AppError `invalid_input`. */
export function refuseOpenSelectors(expr: string): void {
  if (expr.length > 2000 || expr.trim() === '') {
    throw new AppError('invalid_input', { field: 'expr', safeText: 'A PromQL expression has 1 to 2000 characters.' });
  }
  const strings: string[] = [];
  // Strings are put aside, so that braces and commas in them do not count; `#` begins a comment.
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*/g, (text) => {
    if (text.startsWith('#')) return ' ';
    strings.push(text.slice(1, -1));
    return `"${strings.length - 1}"`;
  });
  for (const [, name, matchers] of bare.matchAll(/([A-Za-z_:][A-Za-z0-9_:.]*)?\s*\{([^}]*)\}/g)) {
    const named = name !== undefined && !OPERATORS.has(name.toLowerCase());
    if (!named && !(matchers ?? '').split(',').some((matcher) => narrows(matcher, strings))) {
      throw new AppError('invalid_input', {
        field: 'expr',
        safeText: 'The expression selects series without naming a metric or a label value; name the metric.',
      });
    }
  }
}

/** A matcher that leaves most series out: equality with something, or a pattern with at least three literal characters. */
function narrows(matcher: string, strings: readonly string[]): boolean {
  const parts = /^\s*(?:"(\d+)"|[A-Za-z_][\w.]*\s*(=~|=|!=|!~)\s*"(\d+)")\s*$/.exec(matcher);
  if (!parts) return false;
  const [, quotedName, operator, index] = parts;
  if (quotedName !== undefined) return true;
  const text = strings[Number(index)] ?? '';
  if (operator === '=') return text !== '';
  return (
    operator === '=~' &&
    /[A-Za-z0-9_]{3}/.test(text.replace(/\\[a-zA-Z]|\[[^\]]*\]/g, '')) &&
    !/(^|\|)\.[*+](\||$)/.test(text)
  );
}

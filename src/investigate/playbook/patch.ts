import type { Answer } from '../answer.js';
import { factsOf } from './case-file.js';
import type { Context } from './context.js';

/**
 * A code change for a person: where a source renamed a column, the lines of our code that name the old one take either.
 * Nothing when git_blame showed no such line.
 */
export function renamePatch(contexts: readonly Context[]): Answer['patch'] {
  for (const context of contexts) {
    const rename = factsOf(context.file, 'schema_registry_diff', 'change').find(
      ({ fields }) =>
        fields['kind'] === 'column_renamed' &&
        context.columns.some((name) => [fields['from'], fields['to']].includes(name)),
    );
    const [from, to] = [leaf(rename?.fields['from']), leaf(rename?.fields['to'])];
    if (rename === undefined || from === undefined || to === undefined) continue;
    const hunks = blamedLines(context).flatMap(({ line, text }) => hunk(line, text, from, to));
    const file = context.focus.task?.code;
    if (hunks.length === 0 || file === undefined) continue;
    return {
      file,
      diff: [`--- a/${file}`, `+++ b/${file}`, ...hunks].join('\n'),
      note: `Maps ${to}, the new name in the contract, to the internal column ${from}; old rows keep their value.`,
    };
  }
  return undefined;
}

function leaf(path: string | undefined): string | undefined {
  return path?.split('.').at(-1);
}

function blamedLines(context: Context): { line: number; text: string }[] {
  return context.file.calls
    .filter((call) => call.tool === 'git_blame' && call.args['file'] === context.focus.task?.code)
    .flatMap((call) =>
      call.parsed.free.flatMap(({ text, after }) =>
        after?.record === 'blame' ? [{ line: Number(after.fields['line']), text }] : [],
      ),
    );
}

/** Only a column expression is rewritten: comments and other words stay as they are. */
function hunk(line: number, text: string, from: string, to: string): string[] {
  const column = new RegExp(`((?:F|f|functions|fn)\\.)?col\\((["'])${from}\\2\\)`);
  const found = column.exec(text);
  if (found === null || /^\s*#/.test(text)) return [];
  const prefix = found[1] ?? '';
  const quote = found[2] ?? '"';
  const either = `${prefix}coalesce(${prefix}col(${quote}${to}${quote}), ${prefix}col(${quote}${from}${quote}))`;
  return [`@@ -${line},1 +${line},1 @@`, `-${text}`, `+${text.replace(column, either)}`];
}

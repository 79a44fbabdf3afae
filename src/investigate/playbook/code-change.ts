import { type Fact, factsOf, outsideLines } from './case-file.js';
import { type Context, inWindow, time } from './context.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';
import type { Family } from './signals.js';

const OURS: readonly Family[] = [
  'missing_column',
  'column_type',
  'schema_mismatch',
  'unknown_value',
  'dependency',
  'setting',
];

/** Commits of ours to the code that fails which touch what the error names. */
export function ourCommits(context: Context): Finding[] {
  return factsOf(context.file, 'git_blame', 'commit')
    .filter((fact) => fact.fields['repo'] !== 'config' && inWindow(context, fact.fields['at']))
    .filter((fact) => (fact.fields['files'] ?? '').split(',').includes(context.focus.task?.code ?? ' '))
    .flatMap((fact) => codeFinding(context, fact));
}

/** Age of the code as git_blame told it; undefined where it was not asked or nothing was found. */
export function codeAge(context: Context): { known: boolean; age: string | undefined } {
  const file = context.focus.task?.code;
  const fact = factsOf(context.file, 'git_blame', 'file').find(({ fields }) => fields['path'] === file);
  return { known: fact !== undefined, age: fact?.fields['newest_age'] };
}

/** The name to look for in the code: of a column and its renamed form, what both begin with. */
export function columnStem(context: Context): string | undefined {
  const [column] = context.columns;
  if (column === undefined) return undefined;
  const rename = factsOf(context.file, 'schema_registry_diff', 'change').find(({ fields }) =>
    [fields['from'], fields['to']].includes(column),
  );
  const other =
    rename === undefined ? undefined : [rename.fields['from'], rename.fields['to']].find((name) => name !== column);
  if (other === undefined) return column;
  return column.startsWith(other) ? other : other.startsWith(column) ? column : column;
}

/** A commit of ours is the cause only when its diff touches what the error names. */
function codeFinding(context: Context, fact: Fact): Finding[] {
  const touched = outsideLines(context.file, ['git_blame']).find(
    ({ text, after }) =>
      after?.record === 'diff' &&
      after.fields['sha'] === fact.fields['sha'] &&
      /^[+-](?![+-])/.test(text) &&
      namesError(context, text),
  );
  if (touched === undefined) return [];
  const { dag, taskId } = context.focus;
  return [
    {
      cause: {
        category: 'config_regression',
        ...entity('airflow', `${dag}.${taskId ?? ''}`),
        change: 'value_changed',
        claim: `Our own commit ${fact.fields['sha'] ?? ''} changed what the error names.`,
      },
      strength: 3,
      at: time(fact.fields['at']),
      quotes: [quoted(touched, 'what the commit changed'), quoted(fact, 'the commit'), ...symptom(context, OURS)],
      explains: OURS,
      repair: { escalate: 'The cause is in our code, which only its owners may change or take back.' },
    },
  ];
}

const MODULE = /No module named '([^']+)'|NoSuchMethodError: (\S+)|ClassNotFoundException: (\S+)/;

function namesError(context: Context, line: string): boolean {
  const missing = MODULE.exec(context.errorText)
    ?.slice(1)
    .find((name) => name !== undefined);
  const names = [...context.columns, ...(missing === undefined ? [] : [missing.split('.')[0] ?? missing])];
  return names.some((name) => name.length > 2 && new RegExp(`\\b${name.replace(/[^\w]/g, '.')}\\b`).test(line));
}

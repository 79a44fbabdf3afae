import type { Fact } from './case-file.js';
import type { Context } from './context.js';

/** Names that a file may use beside those of the case, e.g. what it read out of the error text. */
export type Names = Readonly<Record<string, string | undefined>>;

/** The names that any text of a file may use; `each`, `entity`, `record.…`, `asked.…` and what `read` reads come with their place. */
export const CASE_NAMES = [
  'focus.dag',
  'focus.run',
  'focus.task',
  'focus.name',
  'task.reads[0]',
  'task.writes[0]',
  'task.read_named',
  'task.write_named',
  'task.spark',
  'task.user',
  'task.code',
  'source',
  'column',
  'of_column',
  'of_input',
  'since_last_good',
  'code.age',
  'other.user',
  'lever.key',
  'lever.path',
  'changed_settings',
] as const;

const HOLE = /\{([^{}]+)\}/g;

/** The names of a case that a file may use: a closed list, see docs/agent.md. */
export function namesOf(context: Context): Partial<Record<(typeof CASE_NAMES)[number], string | undefined>> {
  const { focus, file, columns } = context;
  const { task } = focus;
  const reads = task?.reads ?? [];
  const writes = task?.writes ?? [];
  return {
    'focus.dag': focus.dag || undefined,
    'focus.run': focus.run,
    'focus.task': focus.taskId,
    'focus.name': focus.taskId === undefined ? focus.dag || undefined : `${focus.dag}.${focus.taskId}`,
    'task.reads[0]': reads[0],
    'task.writes[0]': writes[0],
    'task.read_named': reads.find((name) => context.errorText.includes(name)),
    'task.write_named': writes.find((name) => context.errorText.includes(name)),
    'task.spark': task?.sparkApp,
    'task.user': task?.queryUser,
    'task.code': task?.code,
    source: file.pipelines.find(({ dag }) => dag === focus.dag)?.sources[0],
    column: columns[0],
    of_column: columns[0] === undefined ? '' : ` of ${columns[0]}`,
    of_input: reads[0] === undefined ? '' : ` (${reads[0]})`,
    since_last_good: sinceGood(context),
  };
}

/** The fields of a record as `record.<field>`. */
export function namesOfRecord(fact: Fact | undefined): Names {
  const asked = Object.entries(fact?.call.args ?? {}).map(([key, value]) => [`asked.${key}`, String(value)]);
  const said = Object.entries(fact?.fields ?? {}).map(([key, value]) => [`record.${key}`, value]);
  return Object.fromEntries([...asked, ...said]);
}

/** The text with its names filled in; `{a|b}` takes the first that is known, `{a|}` nothing where it is not. Undefined when one is not known. */
export function filled(template: string, names: Names): string | undefined {
  let missing = false;
  const text = template.replace(HOLE, (_, inner: string) => {
    const value = inner
      .split('|')
      .map((name) => (name.trim() === '' ? '' : names[name.trim()]))
      .find((known) => known !== undefined);
    if (value === undefined) missing = true;
    return value ?? '';
  });
  return missing ? undefined : text;
}

/** Every argument filled in, those without text left out; undefined when a name is not known. */
export function filledAll(args: Readonly<Record<string, string>>, names: Names): Record<string, string> | undefined {
  const pairs = Object.entries(args).map(([key, template]) => [key, filled(template, names)] as const);
  return pairs.some(([, value]) => value === undefined)
    ? undefined
    : (Object.fromEntries(pairs.filter(([, value]) => value !== '')) as Record<string, string>);
}

/** The holes of a template, for a check at the start. */
export function holesOf(template: string): string[] {
  return [...template.matchAll(HOLE)].flatMap((match) => (match[1] ?? '').split('|').map((name) => name.trim()));
}

/** A window that reaches back over the last good run, at least a day. */
function sinceGood({ focus: { failedAt, lastGoodAt } }: Context): string {
  const hours = lastGoodAt === undefined ? 24 : Math.ceil((failedAt - lastGoodAt) / 3_600_000) + 1;
  return hours <= 26 ? '24h' : `${Math.min(30, Math.ceil(hours / 24) + 1)}d`;
}

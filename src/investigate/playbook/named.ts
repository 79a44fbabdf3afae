import type { Asked } from './asked.js';
import type { CaseFile, SettingFact, TaskFact } from './case-file.js';

export type Kind = 'table' | 'source' | 'run' | 'file' | 'metric';

/** What of the platform a question speaks of: what it names, else what the incident is about. */
export interface Named {
  /** What the question names itself; of the rest it is only likely that it is meant. */
  said: ReadonlySet<Kind>;
  tables: string[];
  sources: string[];
  dag: string | undefined;
  task: TaskFact | undefined;
  setting: SettingFact | undefined;
  file: string | undefined;
  metric: string | undefined;
}

const UPSTREAM = /\b(?:upstream|source|input|reads?|feeds?)\b/i;
const DOWNSTREAM = /\b(?:downstream|output|target|writes?|result)\b/i;

export function namedIn(asked: Asked): Named {
  const { file, text, context } = asked;
  const says = speaks(text);
  const task = file.tasks.find((each) => says(each.sparkApp) || says(`${each.dag}.${each.id}`) || saysTask(text, each));
  const dag = file.pipelines.find((pipeline) => says(pipeline.dag))?.dag ?? task?.dag;
  const tables = [...new Set(file.tasks.flatMap(({ reads, writes }) => [...reads, ...writes]))].filter(says);
  const sources = [...new Set(file.pipelines.flatMap((pipeline) => pipeline.sources))].filter(says);
  const setting = file.settings.find(({ path, key }) => says(path) || says(key));
  const named = /(?<![\w/.-])([\w./-]+\.(?:py|sql|ya?ml|json|conf|properties|scala|java|toml|avsc))(?![\w/-])/i.exec(
    text,
  );
  const metric = metricIn(file, text);
  const said = new Set<Kind>();
  if (tables.length > 0) said.add('table');
  if (sources.length > 0) said.add('source');
  if (setting !== undefined || named !== null) said.add('file');
  if (metric !== undefined) said.add('metric');
  // The incident's own DAG stands for the incident itself.
  if (dag !== undefined && dag !== context?.focus.dag) said.add('run');
  const focus = task ?? (dag === undefined ? context?.focus.task : file.tasks.find((each) => each.dag === dag));
  return {
    said,
    tables: tables.length > 0 ? tables : tablesOf(text, focus),
    sources: sources.length > 0 ? sources : (file.pipelines.find((one) => one.dag === focus?.dag)?.sources ?? []),
    dag: dag ?? context?.focus.dag,
    task: focus,
    setting,
    file: named?.[1] ?? setting?.file,
    metric,
  };
}

/** Whether the text has this name as a word, or its last part when that is long enough to mean something. */
function speaks(text: string): (name: string | undefined) => boolean {
  const lower = text.toLowerCase();
  const has = (word: string): boolean => {
    const at = lower.indexOf(word);
    return at !== -1 && !/[\w.]/.test(lower[at - 1] ?? ' ') && !/\w/.test(lower[at + word.length] ?? ' ');
  };
  return (name) => {
    if (name === undefined || name.length < 3) return false;
    const whole = name.toLowerCase();
    const last = whole.split('.').at(-1) ?? whole;
    return has(whole) || (last.length >= 6 && last.includes('_') && has(last));
  };
}

function saysTask(text: string, { id }: TaskFact): boolean {
  return new RegExp(`\\btask [\`'"]?${id.replaceAll(/\W/g, '\\$&')}\\b`, 'i').test(text);
}

function tablesOf(text: string, task: TaskFact | undefined): string[] {
  const { reads = [], writes = [] } = task ?? {};
  if (UPSTREAM.test(text)) return reads;
  return DOWNSTREAM.test(text) ? writes : [...reads, ...writes];
}

/** By name, or by most words of its meaning. */
function metricIn({ metrics }: CaseFile, text: string): string | undefined {
  const says = speaks(text);
  const byName = metrics.find(({ name }) => says(name));
  if (byName !== undefined) return byName.name;
  const words = new Set(wordsOf(text));
  const scored = metrics
    .map(({ name, meaning }) => ({ name, hits: new Set(wordsOf(meaning).filter((word) => words.has(word))).size }))
    .sort((a, b) => b.hits - a.hits);
  return (scored[0]?.hits ?? 0) >= 2 ? scored[0]?.name : undefined;
}

const COMMON = new Set(
  'about after also been before from have into just more that than their them then there they this what when where which will with would your does did'.split(
    ' ',
  ),
);

/** The text without names and paths: their parts are no words of the question. */
export function prose(text: string): string {
  return text.replaceAll(/[\w-]*[/_.][\w./-]*\w/g, ' ');
}

/** Words that mean something, in lower case. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9_]+/)
    .filter((word) => word.length >= 4 && !COMMON.has(word));
}

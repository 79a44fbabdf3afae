import type { Alert, Severity } from './alert.js';

/** Names that the deployment knows; a person who writes one means it. */
export interface KnownNames {
  dags: readonly string[];
  tables: readonly string[];
  services: readonly string[];
}

/** What a message says, as plain text. */
export interface MessageWords {
  /** The heading, where the message has one. */
  title: string | undefined;
  titleLink: string | undefined;
  /** All of it, line by line, nothing twice. */
  lines: string[];
  /** What stands in fields: a name and a value. */
  pairs: [string, string][];
  links: string[];
  /** Colour of the bar, as the sender gave it. */
  colour: string | undefined;
  footer: string | undefined;
  /** The event's own time as the sender gave it, seconds since 1970. */
  at: number | undefined;
}

type Subject = Alert['subject'];
type Part = keyof Subject;

/** How senders name the parts of what they talk about; lower case, words joined by `_`. */
const PART_NAMES: Record<string, Part> = {
  ...named('dag', 'dag', 'dag_id', 'dag_name', 'dagid', 'pipeline', 'workflow'),
  ...named('task', 'task', 'task_id', 'task_name', 'taskid'),
  ...named('run', 'run', 'run_id', 'dag_run', 'dag_run_id', 'runid'),
  ...named('table', 'table', 'table_name', 'dataset', 'delta_table'),
  ...named('service', 'service', 'job', 'app', 'application', 'spark_app', 'spark_application', 'component'),
};
const ID = /^[\w.~-]{1,250}/;
const FORM: Record<Part, RegExp> = {
  dag: ID,
  task: ID,
  run: /^\S{1,250}/,
  table: /^[\w-]+(\.[\w-]+){0,4}/,
  service: /^[^\n|]{1,250}/,
};

function named(part: Part, ...names: string[]): Record<string, Part> {
  return Object.fromEntries(names.map((name) => [name, part]));
}

/** `Dag Id` and `dag-id` are one name. */
export function nameOf(label: string): string {
  return label
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
    .replaceAll(/[^a-z0-9_]/g, '');
}

/** Names and values that the text gives: fields, `Name: value` lines, `name=value` words. */
export function pairsIn(words: MessageWords): [string, string][] {
  const found = [...words.pairs];
  for (const line of words.lines) {
    if (found.length > 200) break;
    const bare = line.slice(0, 2000).replaceAll(/[*`]/g, '');
    const whole = /^[\s•>–-]{0,5}([A-Za-z][\w ./-]{0,40}?)\s{0,3}(?::(?!\/\/)|=)\s{0,3}(\S.*)$/.exec(bare);
    if (whole !== null) found.push([whole[1] ?? '', (whole[2] ?? '').trim()]);
    for (const [, name = '', quoted, word] of bare.matchAll(
      /(?:^|[\s,{(])([A-Za-z_]\w{0,60})=(?:"([^"]{0,500})"|([^\s,})"]{1,500}))/g,
    )) {
      found.push([name, quoted ?? word ?? '']);
    }
  }
  return found.filter(([, value]) => value !== '');
}

/** What it is about, of whatever the message names: fields first, then addresses, then words, then names that are known here. */
export function subjectIn(words: MessageWords, pairs: [string, string][], known?: KnownNames): Subject {
  const subject: Subject = {};
  const give = (part: Part, value: string | undefined): void => {
    const match = FORM[part].exec((value ?? '').replaceAll(/[`'"“”‘’]/g, '').trim());
    if (match !== null)
      subject[part] ??=
        match[0]
          .replace(/[.,;:]+$/, '')
          .trim()
          .slice(0, 250) || undefined;
  };
  for (const [name, value] of pairs) {
    const key = nameOf(name);
    if (Object.hasOwn(PART_NAMES, key)) give(PART_NAMES[key] as Part, value);
  }
  const all = words.lines.join('\n').slice(0, 20_000);
  taskInstance(all, give);
  for (const link of words.links) airflowAddress(link, give);
  phrases(all, give);
  if (known !== undefined) knownNames(all, known, give);
  return Object.fromEntries(Object.entries(subject).filter(([, value]) => value !== undefined));
}

type Give = (part: Part, value: string | undefined) => void;

/** Airflow prints a task instance as `<TaskInstance: dag.task run [state]>`. */
function taskInstance(all: string, give: Give): void {
  const match = /<TaskInstance: ([\w-]{1,250})\.([\w.-]{1,250}) (\S{1,250})(?: map_index=\d+)? \[/.exec(all);
  if (match === null) return;
  give('dag', match[1]);
  give('task', match[2]);
  give('run', match[3]);
}

/** Airflow's pages name what they show; addresses are read, never followed. */
function airflowAddress(link: string, give: Give): void {
  if (!URL.canParse(link)) return;
  const { pathname, searchParams } = new URL(link);
  const path = pathname.split('/').map(decoded);
  const after = (name: string): string | undefined => path[path.indexOf(name) + 1 || path.length];
  if (!path.includes('dags') && !searchParams.has('dag_id')) return;
  give('dag', searchParams.get('dag_id') ?? after('dags'));
  give('task', searchParams.get('task_id') ?? after('tasks'));
  give('run', searchParams.get('dag_run_id') ?? searchParams.get('run_id') ?? after('runs'));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** An identifier as programs use them, or anything in quotes: "the DAG looks broken" names no DAG. */
const NAME = '(?:[`\'"“]([\\w.~-]{2,250})[`\'"”]|((?=[\\w.~-]{0,60}[_\\d.-]\\w)[A-Za-z][\\w.~-]{1,250}))';
const PHRASES: [Part, RegExp][] = [
  ['dag', new RegExp(`\\b(?:dag|pipeline|workflow)(?: id| run of| of)? ${NAME}`, 'i')],
  ['task', new RegExp(`\\btask(?: id)? ${NAME}`, 'i')],
  [
    'task',
    /\btask ()((?!has\b|is\b|was\b|run\b|instance\b)[A-Za-z]\w{1,60}) (?:has )?(?:failed|is failing|of (?:the )?dag|in (?:the )?dag)\b/i,
  ],
  ['table', new RegExp(`\\btable ${NAME}`, 'i')],
  ['service', new RegExp(`\\b(?:service|spark (?:app|application|job)) ${NAME}`, 'i')],
];

function phrases(all: string, give: Give): void {
  const failed = /(?:^|\n)[^\n\w]{0,20}([A-Za-z][\w-]{1,250})\.([A-Za-z][\w.-]{0,250}) failed\b/.exec(all);
  if (failed !== null) {
    give('dag', failed[1]);
    give('task', failed[2]);
  }
  for (const [part, pattern] of PHRASES) {
    const match = pattern.exec(all);
    if (match !== null) give(part, match[1] || match[2]);
  }
}

function knownNames(all: string, known: KnownNames, give: Give): void {
  const text = ` ${all.replaceAll(/[^\w.~-]+/g, ' ')} `.replaceAll(/[.]+ /g, ' ');
  const first = (names: readonly string[]): string | undefined =>
    names
      .map((name) => ({ name, at: text.indexOf(` ${name} `) }))
      .filter(({ at }) => at !== -1)
      .sort((a, b) => a.at - b.at)[0]?.name;
  give('dag', first(known.dags));
  give('table', first(known.tables));
  give('service', first(known.services));
}

const SEVERITY_WORDS: Record<string, Severity> = {
  critical: 'critical',
  crit: 'critical',
  fatal: 'critical',
  emergency: 'critical',
  page: 'critical',
  p1: 'critical',
  sev1: 'critical',
  error: 'high',
  major: 'high',
  high: 'high',
  p2: 'high',
  sev2: 'high',
  warning: 'medium',
  warn: 'medium',
  medium: 'medium',
  p3: 'medium',
  sev3: 'medium',
  minor: 'low',
  info: 'low',
  low: 'low',
  p4: 'low',
  p5: 'low',
};
const SEVERITY_NAMES = new Set(['severity', 'priority', 'urgency', 'level', 'sev']);
const COLOURS: Record<string, Severity> = { danger: 'high', warning: 'medium' };

/** As the sender says it, in words or by the colour of the bar; undefined when it does not say. */
export function severityIn(words: MessageWords, pairs: [string, string][], title: string): Severity | undefined {
  const word = (text: string): Severity | undefined => {
    for (const part of text
      .toLowerCase()
      .slice(0, 500)
      .split(/[^a-z0-9]+/)) {
      if (Object.hasOwn(SEVERITY_WORDS, part)) return SEVERITY_WORDS[part];
    }
    return undefined;
  };
  for (const [name, value] of pairs) {
    const found = SEVERITY_NAMES.has(nameOf(name)) ? word(value) : undefined;
    if (found !== undefined) return found;
  }
  // Alertmanager's title has the values of all labels in brackets at its end.
  const inTitle = /\(([^()]{1,300})\)\s*$/.exec(title);
  const marked = /\b(?:p[1-5]|sev-?[1-3]|critical)\b/i.exec(title)?.[0].replace('-', '');
  const titled = (inTitle === null ? undefined : word(inTitle[1] ?? '')) ?? (marked && word(marked));
  if (titled) return titled;
  return words.colour !== undefined && Object.hasOwn(COLOURS, words.colour) ? COLOURS[words.colour] : undefined;
}

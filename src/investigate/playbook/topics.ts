import type { Asked } from './asked.js';
import type { Kind, Named } from './named.js';
import type { Question } from './procedure.js';

/** What a question can be about that a tool knows: the words that say so, the calls that look, the lines that matter. */
export interface Topic {
  words: RegExp;
  /** Looked at for a thing of this kind that is named without any such words. */
  kind?: Kind;
  calls(named: Named, asked: Asked): Question[];
  /** Records of the answer by what they are worth to this question, best first. */
  records: readonly string[];
}

/** In the order in which they are asked; a question may be about several. */
export const TOPICS: readonly Topic[] = [
  {
    words: /\b(?:schemas?|columns?|fields?|types?|renam\w*|contracts?|registry|subjects?|topics?|avro|protobuf)\b/i,
    kind: 'source',
    calls: ({ sources, tables }, { text }) => [
      ...tables.slice(0, 1).map((table) => history(table, 'The question is about a shape. What does the table say?')),
      ...sources.slice(0, 1).map((source) => ({
        tool: 'schema_registry_diff',
        args: { source, ...windowOf(text) },
        thought: `The question is about a shape. What was registered for ${source}?`,
      })),
    ],
    records: ['schema_change', 'change', 'unchanged', 'subject', 'table'],
  },
  {
    words: /\b(?:metrics?|lag|load|usage|utili[sz]ation|latency|throughput|cpu|traffic|queue length)\b/i,
    kind: 'metric',
    calls: ({ metric }, { text }) =>
      metric === undefined
        ? []
        : [
            {
              tool: 'metric_query',
              args: { expr: metric, ...windowOf(text) },
              thought: `How does ${metric} stand now?`,
            },
          ],
    records: ['series'],
  },
  {
    words:
      /\b(?:commits?|code|git|deploy\w*|merged?|pull requests?|config\w*|settings?|parameters?|blame|releases?|versions?|files?|who (?:has )?(?:changed|touched|edited|wrote))\b/i,
    kind: 'file',
    calls: (named, asked) => [codeQuestion(named, asked)],
    records: ['value', 'blame', 'commit', 'diff', 'touched', 'file'],
  },
  {
    words: /\b(?:quer(?:y|ies)|sql|trino|kyuubi|statements?|execution plan)\b/i,
    calls: ({ task, tables }) => {
      const query = task?.queryUser ?? tables[0];
      return query === undefined
        ? []
        : [
            {
              tool: 'kyuubi_query_plan',
              args: { query },
              thought: 'The question is about a query. What did the engine see?',
            },
          ];
    },
    records: ['query', 'operation', 'plan'],
  },
  {
    words: /\b(?:spark|drivers?|executors?|pods?|containers?|oom\w*|out of memory|heap|memory|stages?)\b/i,
    calls: ({ task }) =>
      task?.sparkApp === undefined
        ? []
        : [
            {
              tool: 'spark_job_logs',
              args: { app: task.sparkApp },
              thought: `What does ${task.sparkApp} say of itself?`,
            },
          ],
    records: ['app', 'executor', 'pod', 'event', 'query_error', 'task_error', 'stage', 'setting', 'quota'],
  },
  {
    words:
      /\b(?:tables?|delta|partitions?|rows?|histor\w*|written|wrote|vacuum\w*|merges?|appended|arrived|landed|fresh\w*)\b/i,
    kind: 'table',
    calls: ({ tables }) => tables.slice(0, 2).map((table) => history(table, `What was done to ${table}, and when?`)),
    records: ['schema_change', 'property_change', 'feature_change', 'commit', 'table'],
  },
  {
    words: /\b(?:logs?|errors?|exceptions?|stack ?traces?|tracebacks?|messages?)\b/i,
    calls: (named, asked) => runQuestion(named, asked, true),
    records: ['log', 'import_error'],
  },
  {
    words:
      /\b(?:runs?|running|ran|green|red|pass(?:ed|es)?|succe\w+|finish\w*|retr(?:y|ied)|still fail\w*|fail(?:s|ed|ing)? again|paused|dags?|tasks?)\b/i,
    kind: 'run',
    calls: (named, asked) => runQuestion(named, asked, false),
    records: ['run', 'task', 'dag'],
  },
];

function history(table: string, thought: string): Question {
  return { tool: 'delta_history', args: { table }, thought };
}

/** The file it names, or the setting, or our code; without any, what was committed of late. */
function codeQuestion({ file, setting, task }: Named, { text }: Asked): Question {
  const code = /\bcode\b/i.test(text) ? task?.code : undefined;
  const path = file ?? code;
  const lines = setting?.key.split('.').at(-1);
  return {
    tool: 'git_blame',
    args: {
      ...(path === undefined ? {} : { file: path }),
      ...(path === undefined || lines === undefined ? {} : { lines }),
      ...windowOf(text),
    },
    thought: path === undefined ? 'What was committed of late?' : `Who changed ${path}, and when?`,
  };
}

/** The run of the incident, unless the question is about another DAG. */
function runQuestion({ dag, task }: Named, { context }: Asked, ofTask: boolean): Question[] {
  if (dag === undefined || dag === '') return [];
  const { focus } = context ?? {};
  const run = focus?.dag === dag ? focus.run : undefined;
  const id = ofTask ? (task?.dag === dag ? task.id : focus?.dag === dag ? focus.taskId : undefined) : undefined;
  return [
    {
      tool: 'airflow_dag_status',
      args: {
        dag_id: dag,
        ...(run === undefined ? {} : { run_id: run }),
        ...(id === undefined ? {} : { task_id: id }),
      },
      thought: ofTask ? `What did the log of ${id ?? dag} say?` : `How do the runs of ${dag} stand now?`,
    },
  ];
}

const WINDOWS: readonly [RegExp, string][] = [
  [/\b(?:last|past) hour\b/i, '1h'],
  [/\btoday\b|\b24 ?h(?:ours)?\b|\blast night\b|\bovernight\b/i, '24h'],
  [/\byesterday\b|\b48 ?h(?:ours)?\b/i, '48h'],
  [/\b(?:this|last|past) week\b|\b7 ?d(?:ays)?\b/i, '7d'],
  [/\b(?:this|last|past) month\b|\b30 ?d(?:ays)?\b/i, '30d'],
];

/** Only where the question says a time; each tool has its own default. */
function windowOf(text: string): { since?: string } {
  const found = WINDOWS.find(([words]) => words.test(text))?.[1];
  return found === undefined ? {} : { since: found };
}

import { outOfMemory } from './capacity.js';
import { type Fact, factsOf } from './case-file.js';
import { type Context, time } from './context.js';
import { moreOfIt } from './levers.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';
import type { Family } from './signals.js';

/** Families of error about something that was too small for the work. */
export const LIMITS: readonly Family[] = ['memory', 'lost_executor', 'query_memory', 'slots', 'disk', 'quota'];

/** Figures of the procedure's file. */
export interface DemandFigures {
  /** Growth below this is what days differ by. */
  grown: number;
  /** A task this many times larger than the median has a hot key. */
  skewed: number;
  /** Growth of the number of files below this is what days differ by. */
  more_files: number;
}

/** Did demand grow, or gather in one place? Only where a limit was met. */
export function grownDemand(context: Context, figures: DemandFigures): Finding[] {
  if (!limitWasMet(context)) return [];
  const files = grownMetric(context, fileMetrics(context), figures.more_files);
  const growth = grownMetric(context, volumeMetrics(context), figures.grown) ?? grownTable(context, figures);
  if (files !== undefined && (growth === undefined || files.ratio > growth.ratio))
    return [filesFinding(context, files)];
  if (growth !== undefined) return [volumeFinding(context, growth)];
  const skew = skewFact(context, figures);
  return skew === undefined ? [] : [skewFinding(context, skew)];
}

/** What the task reads, and what the tasks before it in its run read: all that can grow. */
export function inputsOf({ focus, file }: Context): string[] {
  const found: string[] = [...(focus.task?.reads ?? [])];
  const open = [...(focus.task?.after ?? [])];
  const seen = new Set<string>();
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const before = file.tasks.find((task) => task.dag === focus.dag && task.id === id);
    found.push(...(before?.reads ?? []));
    open.push(...(before?.after ?? []));
  }
  return [...new Set(found)];
}

/** Was anything about the amount of the input seen at all? */
export function amountSeen(context: Context): boolean {
  const inputs = inputsOf(context);
  const commits = factsOf(context.file, 'delta_history', 'commit').filter((fact) =>
    inputs.includes(String(fact.call.args['table'])),
  );
  return commits.length + seriesOf(context, volumeMetrics(context)).length > 0;
}

/** True when what failed failed for a limit, by the pods or by an error that names it; an exit code alone says nothing. */
export function limitWasMet(context: Context): boolean {
  return (
    outOfMemory(context).length > 0 ||
    context.signals.some(
      ({ family, line }) => LIMITS.includes(family) && family !== 'lost_executor' && !/137/.test(line.text),
    )
  );
}

/** Metrics about the amount of what the task reads, best first: the table's own name, then words for amounts. */
export function volumeMetrics(context: Context): string[] {
  const words = inputsOf(context).flatMap((table) => [table, table.split('.').at(-1) ?? table]);
  const about = context.file.metrics.filter(({ name, meaning }) =>
    words.some((word) => `${name} ${meaning}`.includes(word)),
  );
  // A table's name may hold a word for amounts: what is left without it must speak of one.
  const plain = (text: string): string => words.reduce((rest, word) => rest.replaceAll(word, ' '), text);
  return about
    .filter(({ name, meaning }) => {
      const said = `${plain(meaning)} ${/^\s*$/.test(meaning) ? plain(name) : ''}`;
      return (AMOUNT.test(said) || AMOUNT.test(plain(name))) && !MEANS.test(said) && !FILES.test(`${name} ${meaning}`);
    })
    .map(({ name }) => name);
}

const AMOUNT = /row|record|event|message|volume|bytes|size|count|input/i;
/** What the work is done with is not what it is done on. */
const MEANS = /executor|worker|\bcpu|\bcores?\b|heap|memory|\bpods?\b|slots?\b|threads?\b|queue/i;
const FILES = /\bfiles?\b|_files?\b|small_file/i;

/** Metrics about the number of files of tables. */
export function fileMetrics(context: Context): string[] {
  return context.file.metrics.filter(({ name, meaning }) => FILES.test(`${name} ${meaning}`)).map(({ name }) => name);
}

function seriesOf(context: Context, metrics: readonly string[]): Fact[] {
  return factsOf(context.file, 'metric_query', 'series').filter((fact) =>
    metrics.includes(String(fact.call.args['expr'])),
  );
}

interface Growth {
  fact: Fact;
  ratio: number;
  words: string;
  table: string | undefined;
}

/** A metric that rose; one that is labelled with a table only where the work reads that table. */
function grownMetric(context: Context, metrics: readonly string[], grown: number): Growth | undefined {
  const inputs = inputsOf(context);
  for (const fact of seriesOf(context, metrics)) {
    const labelled = /\btable=([^,]+)/.exec(fact.fields['labels'] ?? '')?.[1];
    if (labelled !== undefined && !inputs.includes(labelled)) continue;
    const [first, last, min] = ['first', 'last', 'min'].map((key) => Number(fact.fields[key]));
    const ratio = (last ?? 0) / Math.max(first ?? 0, min ?? 0, 1e-9);
    if (Number.isFinite(ratio) && ratio >= grown) {
      const table = labelled ?? inputs.find((name) => fact.fields['labels']?.includes(name));
      return { fact, ratio, words: `from ${fact.fields['first']} to ${fact.fields['last']}`, table };
    }
  }
  return undefined;
}

/** The newest commit of an input wrote much more than the ones before it. */
function grownTable(context: Context, { grown }: DemandFigures): Growth | undefined {
  for (const table of inputsOf(context)) {
    const commits = factsOf(context.file, 'delta_history', 'commit').filter(
      (fact) =>
        fact.call.args['table'] === table &&
        Number(fact.fields['rows_written']) > 0 &&
        (time(fact.fields['at']) ?? 0) <= context.focus.failedAt,
    );
    const [newest, ...before] = commits;
    const usual = before.map((fact) => Number(fact.fields['rows_written'])).sort((a, b) => a - b)[
      Math.floor(before.length / 2)
    ];
    const ratio = newest === undefined || usual === undefined ? 0 : Number(newest.fields['rows_written']) / usual;
    if (newest !== undefined && ratio >= grown) {
      return { fact: newest, ratio, words: `from ${usual} to ${newest.fields['rows_written']} rows a commit`, table };
    }
  }
  return undefined;
}

function volumeFinding(context: Context, growth: Growth): Finding {
  const { task, dag } = context.focus;
  const app = task?.sparkApp;
  const consumer = app === undefined ? entity('delta', growth.table ?? task?.reads[0] ?? dag) : entity('spark', app);
  return {
    cause: {
      category: 'resource_exhaustion',
      ...consumer,
      change: 'volume_growth',
      claim: `The input of ${app ?? dag} grew ${growth.words}, past what it has room for.`,
    },
    strength: 3,
    at: time(growth.fact.fields['at']),
    quotes: grownQuotes(context, growth),
    explains: LIMITS,
    repair: moreOfIt(context, growth.ratio, `The input grew ${growth.ratio.toFixed(1)} times.`),
  };
}

function grownQuotes(context: Context, growth: Growth): Finding['quotes'] {
  return [
    quoted(growth.fact, 'the growth'),
    ...outOfMemory(context)
      .slice(0, 1)
      .map((fact) => quoted(fact, 'killed for memory')),
    ...symptom(context, LIMITS),
  ];
}

/** Many small files cost planning and listing, however many rows they hold. */
function filesFinding(context: Context, growth: Growth): Finding {
  const table = growth.table ?? context.focus.task?.reads[0] ?? context.focus.dag;
  return {
    cause: {
      category: 'resource_exhaustion',
      ...entity('delta', table),
      change: 'file_count_growth',
      claim: `The number of files of ${table} grew ${growth.words}, and what reads it has to list them all.`,
    },
    strength: 3,
    at: undefined,
    quotes: grownQuotes(context, growth),
    explains: LIMITS,
    repair: moreOfIt(context, growth.ratio, `The files of ${table} grew ${growth.ratio.toFixed(0)} times.`),
  };
}

/** Uneven bytes tell more than uneven time, which a slow machine gives as well. */
function skewFact(context: Context, { skewed }: DemandFigures): Fact | undefined {
  const uneven = factsOf(context.file, 'spark_job_logs', 'skew').filter(
    ({ fields }) => Number(fields['ratio']) >= skewed,
  );
  return uneven.find(({ fields }) => /byte|record|row/i.test(fields['metric'] ?? '')) ?? uneven[0];
}

function skewFinding(context: Context, skew: Fact): Finding {
  const table = context.focus.task?.reads[0] ?? context.focus.dag;
  return {
    cause: {
      category: 'resource_exhaustion',
      ...entity('delta', table),
      change: 'skew',
      claim: `One task of the stage got ${skew.fields['ratio']} times the median: ${table} has a hot key.`,
    },
    strength: amountSeen(context) ? 3 : 2,
    at: undefined,
    quotes: [quoted(skew, 'the uneven work'), ...symptom(context, LIMITS)],
    explains: LIMITS,
    repair: moreOfIt(context, Number(skew.fields['ratio']), 'skew: one task holds far more than the others.'),
  };
}

import { outOfMemory } from './capacity.js';
import { type Fact, factsOf, outsideLines, type SettingFact } from './case-file.js';
import { type Context, time } from './context.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';
import { settingsOf } from './settings.js';
import type { Family } from './signals.js';

const MEMORY: readonly Family[] = ['memory', 'lost_executor'];
/** Figures of the procedure's file. */
export interface DemandFigures {
  /** Growth below this is what days differ by. */
  grown: number;
  /** A task this many times larger than the median has a hot key. */
  skewed: number;
}

/** Did demand grow, or gather in one place? Only where memory was the limit. */
export function grownDemand(context: Context, figures: DemandFigures): Finding[] {
  return memoryWasTheLimit(context) ? demandFindings(context, figures) : [];
}

/** The memory setting of which the value is not known yet. */
export function unknownMemory(context: Context): SettingFact | undefined {
  const target = memorySetting(context);
  return target === undefined || currentValue(context, target) !== undefined ? undefined : target;
}

export const leafOf = ({ key }: SettingFact): string => key.split('.').at(-1) ?? key;

/** Was anything about the amount of the input seen at all? */
export function amountSeen(context: Context): boolean {
  const inputs = context.focus.task?.reads ?? [];
  const commits = factsOf(context.file, 'delta_history', 'commit').filter((fact) =>
    inputs.includes(String(fact.call.args['table'])),
  );
  const series = factsOf(context.file, 'metric_query', 'series').filter((fact) =>
    volumeMetrics(context).includes(String(fact.call.args['expr'])),
  );
  return commits.length + series.length > 0;
}

/** True when what failed failed for memory, by the pods or by an error that names it. */
export function memoryWasTheLimit(context: Context): boolean {
  return (
    outOfMemory(context).length > 0 ||
    context.signals.some(({ family, line }) => family === 'memory' && !/137/.test(line.text))
  );
}

/** Metrics about the amount of what the task reads, best first: the table's own name, then words for amounts. */
export function volumeMetrics(context: Context): string[] {
  const tables = context.focus.task?.reads ?? [];
  const words = [...tables, ...tables.map((table) => table.split('.').at(-1) ?? table)];
  const about = context.file.metrics.filter(({ name, meaning }) =>
    words.some((word) => `${name} ${meaning}`.includes(word)),
  );
  const amount = /row|record|event|message|volume|bytes|size|count|input|file/i;
  return about.filter(({ name, meaning }) => amount.test(`${name} ${meaning}`)).map(({ name }) => name);
}

function demandFindings(context: Context, figures: DemandFigures): Finding[] {
  const skew = skewFact(context, figures);
  const growth = grownMetric(context, figures) ?? grownTable(context, figures);
  if (growth !== undefined) return [volumeFinding(context, growth)];
  return skew === undefined ? [] : [skewFinding(context, skew)];
}

interface Growth {
  fact: Fact;
  ratio: number;
  words: string;
  table: string | undefined;
}

function grownMetric(context: Context, { grown }: DemandFigures): Growth | undefined {
  const asked = volumeMetrics(context);
  const series = factsOf(context.file, 'metric_query', 'series').filter((fact) =>
    asked.includes(String(fact.call.args['expr'])),
  );
  for (const fact of series) {
    const [first, last, min] = ['first', 'last', 'min'].map((key) => Number(fact.fields[key]));
    const ratio = (last ?? 0) / Math.max(first ?? 0, min ?? 0, 1e-9);
    if (Number.isFinite(ratio) && ratio >= grown) {
      const table = (context.focus.task?.reads ?? []).find((name) => fact.fields['labels']?.includes(name));
      return { fact, ratio, words: `from ${fact.fields['first']} to ${fact.fields['last']}`, table };
    }
  }
  return undefined;
}

/** The newest commit of an input wrote much more than the ones before it. */
function grownTable(context: Context, { grown }: DemandFigures): Growth | undefined {
  for (const table of context.focus.task?.reads ?? []) {
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
      claim: `The input of ${app ?? dag} grew ${growth.words}, past what its memory holds.`,
    },
    strength: 3,
    at: time(growth.fact.fields['at']),
    quotes: [
      quoted(growth.fact, 'the growth'),
      ...outOfMemory(context)
        .slice(0, 1)
        .map((fact) => quoted(fact, 'killed for memory')),
      ...symptom(context, MEMORY),
    ],
    explains: MEMORY,
    repair: moreMemory(context, growth.ratio, `The input grew ${growth.ratio.toFixed(1)} times.`),
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
    strength: 3,
    at: undefined,
    quotes: [quoted(skew, 'the uneven work'), ...symptom(context, MEMORY)],
    explains: MEMORY,
    repair: moreMemory(context, Number(skew.fields['ratio']), 'One task holds far more than the others.'),
  };
}

/** Twice the memory for a growth up to fourfold, within the policy's cap: enough to pass, small enough to question. */
function moreMemory(context: Context, ratio: number, because: string): Finding['repair'] {
  const target = memorySetting(context);
  if (target !== undefined && target.cap === undefined) {
    return {
      escalate: `More memory is needed, and the policy has no cap for ${target.path}, so it may not be raised by me.`,
    };
  }
  if (target === undefined) return { escalate: 'More memory is needed, and no setting for it may be changed by me.' };
  const current = currentValue(context, target);
  if (current === undefined)
    return { escalate: `More memory is needed, and the present value of ${target.path} is not known.` };
  const wanted = Math.ceil(current * (ratio >= 4 ? 3 : 2));
  const value = Math.min(wanted, target.cap ?? wanted);
  if (value <= current) return { escalate: `${target.path} is at its cap of ${target.cap} already.` };
  return [
    {
      tool: 'propose_resource_increase',
      args: { target: target.path, value },
      thought: `${because} ${value} instead of ${current} should let it pass.`,
    },
  ];
}

function memorySetting(context: Context): SettingFact | undefined {
  const memory = settingsOf(context).filter(({ key }) => /mem/i.test(key) && !/overhead|fraction|ratio/i.test(key));
  const driver = outOfMemory(context).some((fact) => /driver/.test(fact.fields['name'] ?? ''));
  return memory.find(({ key }) => /driver/i.test(key) === driver) ?? memory[0];
}

function currentValue(context: Context, target: SettingFact): number | undefined {
  const driver = /driver/i.test(target.key);
  const wanted = driver ? ['spark.driver.memory', 'driver.memory'] : ['spark.executor.memory', 'executor.memory'];
  const facts = [
    ...factsOf(context.file, 'spark_job_logs', 'setting'),
    ...factsOf(context.file, 'spark_job_logs', 'field'),
  ];
  const value = facts.find(({ fields }) => wanted.includes(fields['key'] ?? ''))?.fields['value'];
  const read = /^(\d+(?:\.\d+)?)\s*([mgt])?/i.exec(value ?? '');
  if (read === null) return valueInFile(context, target);
  const gib = Number(read[1]) * ({ m: 1 / 1024, g: 1, t: 1024 }[(read[2] ?? 'g').toLowerCase()] ?? 1);
  return /_mi|_mb|mib/i.test(target.key) ? gib * 1024 : gib;
}

/** The value as the newest line of its file has it. */
function valueInFile(context: Context, target: SettingFact): number | undefined {
  const line = new RegExp(`^\\+?\\s*${leafOf(target)}\\s*[:=]\\s*["']?(\\d+(?:\\.\\d+)?)`);
  const values = outsideLines(context.file, ['git_blame'])
    .filter(({ call }) => call.args['file'] === target.file)
    .flatMap(({ text }) => line.exec(text)?.[1] ?? []);
  return values[0] === undefined ? undefined : Number(values[0]);
}

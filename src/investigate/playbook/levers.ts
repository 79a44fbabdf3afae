import { type Fact, factsOf, outsideLines, type SettingFact } from './case-file.js';
import type { Context } from './context.js';
import type { Finding, Question } from './procedure.js';
import { inNamedPool, settingsOf } from './settings.js';
import type { LeverRow } from './signals.js';

export const leafOf = ({ key }: SettingFact): string => key.split('.').at(-1) ?? key;

/** Settings of ours that would give the failed work more of what it ran out of, by the words of the error; the first row that finds any counts. */
export function leversFor(context: Context, hint = ''): SettingFact[] {
  const settings = settingsOf(context);
  for (const row of context.file.words.levers) {
    if (row.says !== undefined && !row.says.test(`${saidOf(context)}\n${hint}`)) continue;
    const first = best(context, settings, row, row.words);
    if (first === undefined) continue;
    const also = row.also === undefined ? undefined : best(context, settings, row, row.also);
    return also === undefined || also === first ? [first] : [first, also];
  }
  return [];
}

/** The error with what the containers were killed for. */
function saidOf(context: Context): string {
  const killed = factsOf(context.file, 'spark_job_logs', 'pod')
    .filter(({ fields }) => /OOM/i.test(fields['terminated_reason'] ?? ''))
    .map(
      ({ fields }) =>
        `${fields['name'] ?? ''} ${/driver/.test(fields['name'] ?? '') ? 'driver container' : ''} OOMKilled`,
    );
  return [context.errorText, ...killed].join('\n');
}

function best(
  context: Context,
  settings: readonly SettingFact[],
  row: LeverRow,
  words: RegExp,
): SettingFact | undefined {
  const fitting = settings.filter((setting) => words.test(setting.key) && row.not?.test(setting.key) !== true);
  return (
    fitting.find((setting) => inNamedPool(context, setting) === true) ??
    fitting.find((each) => inNamedPool(context, each) !== false)
  );
}

/** Levers of which the present value is not known yet. */
export function unknownLever(context: Context): SettingFact | undefined {
  return leversFor(context).find((setting) => currentValue(context, setting) === undefined);
}

/** More of what ran out, by as much as demand grew and something over, within the policy's caps: enough to last, small enough to question. */
export function moreOfIt(context: Context, ratio: number, because: string): Finding['repair'] {
  const targets = leversFor(context, because);
  if (targets.length === 0) return { escalate: `${because} No setting that would help may be changed by me.` };
  const steps = targets.map((target) => raise(context, target, ratio, because));
  const fault = steps.find((step): step is { escalate: string } => 'escalate' in step);
  return fault ?? (steps as Question[]);
}

const LEAST = 2;
const MOST = 4;

function raise(context: Context, target: SettingFact, ratio: number, because: string): Question | { escalate: string } {
  if (target.cap === undefined)
    return { escalate: `${because} The policy has no cap for ${target.path}, so it may not be raised by me.` };
  const current = currentValue(context, target);
  if (current === undefined) return { escalate: `${because} The present value of ${target.path} is not known.` };
  const wanted = Math.ceil(current * Math.min(MOST, Math.max(LEAST, ratio * 1.25)));
  const value = Math.min(wanted, target.cap);
  if (value <= current) return { escalate: `${because} ${target.path} is at its cap of ${target.cap} already.` };
  return {
    tool: 'propose_resource_increase',
    args: { target: target.path, value },
    thought: `${because} ${value} instead of ${current} should let it pass.`,
  };
}

const SPARK: readonly { key: RegExp; names: readonly string[] }[] = [
  { key: /result/i, names: ['spark.driver.maxResultSize'] },
  { key: /driver.*mem/i, names: ['spark.driver.memory', 'driver.memory'] },
  { key: /overhead/i, names: ['spark.executor.memoryOverhead', 'executor.memoryOverhead'] },
  { key: /mem/i, names: ['spark.executor.memory', 'executor.memory'] },
];

function currentValue(context: Context, target: SettingFact): number | undefined {
  const names = target.component === 'spark' ? (SPARK.find(({ key }) => key.test(target.key))?.names ?? []) : [];
  const facts: Fact[] = [
    ...factsOf(context.file, 'spark_job_logs', 'setting'),
    ...factsOf(context.file, 'spark_job_logs', 'field'),
  ];
  const value = facts.find(({ fields }) => names.includes(fields['key'] ?? ''))?.fields['value'];
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

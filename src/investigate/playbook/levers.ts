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

/**
 * More of what ran out, by as much as demand grew and something over, within the policy's caps: enough to last, small enough to question.
 * `least` is the amount in minutes that is known to be needed.
 */
export function moreOfIt(context: Context, ratio: number, because: string, least = 0): Finding['repair'] {
  const [target, beside] = leversFor(context, because);
  if (target === undefined) return { escalate: `${because} No setting that would help may be changed by me.` };
  const step = raise(context, target, { ratio, because, least });
  if ('escalate' in step || beside === undefined) return 'escalate' in step ? step : [step];
  // What the error does not name is raised only where the first step alone would leave it too small.
  const held = currentValue(context, beside);
  if (held === undefined || Number(step.args['value']) < CROWDED * held) return [step];
  const second = raise(context, beside, { ratio, because, least: 0 });
  return 'escalate' in second ? second : [step, second];
}

const LEAST = 2;
const MOST = 4;
/** Of this share of what holds it, a part leaves too little for the rest. */
const CROWDED = 0.5;

interface Wanted {
  ratio: number;
  because: string;
  least: number;
}

function raise(context: Context, target: SettingFact, { ratio, because, least }: Wanted): Question | HandOver {
  if (target.cap === undefined)
    return { escalate: `${because} The policy has no cap for ${target.path}, so it may not be raised by me.` };
  const current = currentValue(context, target);
  const file = { file: target.file, lines: leafOf(target) };
  if (current === undefined && !wasAskedFor(context, target)) {
    const ask = { tool: 'git_blame', args: file, thought: `What is ${target.path} now?` };
    return { escalate: `${because} The present value of ${target.path} is not known.`, ask };
  }
  const need = inUnit(target, least);
  if (need > target.cap)
    return { escalate: `${because} ${target.path} would have to be ${need}, and its cap is ${target.cap}.` };
  const wanted = Math.ceil((current ?? target.cap) * Math.min(MOST, Math.max(LEAST, ratio * 1.25)));
  const value = Math.min(Math.max(wanted, Math.ceil(need * 1.25)), target.cap);
  if (current !== undefined && value <= current)
    return { escalate: `${because} ${target.path} is at its cap of ${target.cap} already.` };
  const than = current === undefined ? 'what it is now, which was not seen' : String(current);
  return {
    tool: 'propose_resource_increase',
    args: { target: target.path, value },
    thought: `${because} ${value} instead of ${than} should let it pass.`,
  };
}

type HandOver = Exclude<Finding['repair'], Question[]>;

function wasAskedFor({ file }: Context, target: SettingFact): boolean {
  return file.calls.some(({ tool, args }) => tool === 'git_blame' && args['file'] === target.file);
}

/** Minutes in the unit that the setting's name tells. */
function inUnit({ key }: SettingFact, minutes: number): number {
  if (/hour|_h$/i.test(key)) return minutes / 60;
  return /sec|_s$/i.test(key) ? minutes * 60 : minutes;
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

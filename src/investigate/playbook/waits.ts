import { type Fact, factsOf } from './case-file.js';
import { type Context, time } from './context.js';

const MINUTE = 60_000;
/** What an outside text says may make us wait longer, but not for ever. */
const LONGEST = 8 * 60;

/** Metrics about how far somebody's work is, or how much of it is left. */
export function progressMetrics({ file }: Context): string[] {
  return file.metrics
    .filter(({ name, meaning }) => LEFT.test(`${name} ${meaning}`) || DONE.test(`${name} ${meaning}`))
    .map(({ name }) => name);
}

const LEFT = /remaining|\bleft\b|backlog|pending|outstanding|still to|to go|\blag\b/i;
const DONE = /progress|percent|_pct\b|\bshare of\b|complete[dn]?\b|\bdone\b/i;

/** The minutes after the failure until what the run has to wait for is over, by what anybody said or measured of it; never an earlier end than asked for. */
export function waitAtLeast(context: Context, minutes: number): number {
  const ends = [...spokenEnds(context), ...measuredEnds(context)].map(
    (at) => ((at - context.focus.failedAt) / MINUTE) * 1.2 + 10,
  );
  const known = ends.filter((end) => end > 0 && end <= LONGEST);
  return Math.ceil(Math.max(minutes, ...known));
}

const SPAN = /(\d+(?:\.\d+)?)\s*(min(?:ute)?s?|h(?:ou)?rs?|hours?)\b/gi;
const SOON = /remain|\bleft\b|to go|\beta\b|estimat|finish|complet|until|another|takes?|back in|expected|ready|more\b/i;
const INSTANT = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/g;
const CLOCK = /\b([01]?\d|2[0-3]):([0-5]\d)\b(?!:)/g;
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)\s*/;

/** Ends that lines of logs, notes of commits and answers of the engines name. */
function spokenEnds(context: Context): number[] {
  const texts = context.file.calls
    .filter(({ tool, status }) => status === 'ok' && !tool.startsWith('propose_') && tool !== 'git_blame')
    .flatMap(({ parsed }) => parsed.free.map(({ text }) => text));
  return [...texts, ...context.file.alertLines].flatMap((line) => {
    const stamp = STAMP.exec(line)?.[1];
    const said = stamp === undefined ? line : line.slice(stamp.length);
    if (!SOON.test(said) || /timeout|time limit|at most|exceed|timed out/i.test(said)) return [];
    const from = time(stamp) ?? context.focus.failedAt;
    return [...spans(said, from), ...instants(said), ...clocks(said, from)];
  });
}

function spans(said: string, from: number): number[] {
  return [...said.matchAll(SPAN)].map(
    (match) => from + Number(match[1]) * (/^h/i.test(match[2] ?? '') ? 60 : 1) * MINUTE,
  );
}

function instants(said: string): number[] {
  return [...said.matchAll(INSTANT)].flatMap(
    ([text]) => time(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`) ?? [],
  );
}

/** A time of day means the next one, and only within the same night. */
function clocks(said: string, from: number): number[] {
  return [...said.replaceAll(INSTANT, ' ').matchAll(CLOCK)].flatMap((match) => {
    const day = new Date(from);
    day.setUTCHours(Number(match[1]), Number(match[2]), 0, 0);
    const at = day.getTime() < from ? day.getTime() + 86_400_000 : day.getTime();
    return at - from <= LONGEST * MINUTE ? [at] : [];
  });
}

/** Where a metric of what is left falls to nothing, or one of what is done rises to a hundred, were it to go on like this. */
function measuredEnds(context: Context): number[] {
  const asked = new Set(progressMetrics(context));
  return factsOf(context.file, 'metric_query', 'series')
    .filter(({ call }) => asked.has(String(call.args['expr'])))
    .flatMap((series) => {
      const metric = context.file.metrics.find(({ name }) => name === series.call.args['expr']);
      const goal = LEFT.test(`${metric?.name} ${metric?.meaning}`) ? 0 : 100;
      return reached(pointsOf(context, series), goal) ?? [];
    });
}

function pointsOf(context: Context, series: Fact): { at: number; value: number }[] {
  return factsOf(context.file, 'metric_query', 'point')
    .filter(({ call }) => call === series.call)
    .flatMap(({ fields }) => {
      const [at, value] = [time(fields['at']), Number(fields['value'])];
      return at === undefined || Number.isNaN(value) ? [] : [{ at, value }];
    });
}

function reached(points: readonly { at: number; value: number }[], goal: number): number | undefined {
  const [last, before] = [points.at(-1), points.at(-4) ?? points[0]];
  if (last === undefined || before === undefined || last.at <= before.at || last.value === goal) return undefined;
  const speed = (last.value - before.value) / (last.at - before.at);
  const left = (goal - last.value) / speed;
  return Number.isFinite(left) && left > 0 ? last.at + left : undefined;
}

const LATE_BY =
  /(\d+(?:\.\d+)?)\s*(s(?:ec(?:ond)?s?)?|min(?:ute)?s?|h(?:ou)?rs?|hours?)\s+(?:late|behind|after|too late|old)\b/gi;

/** How many minutes later than they should rows come, by the texts and by the metrics that say it in a unit of time; 0 where nothing does. */
export function latenessMinutes(context: Context): number {
  const texts = [context.errorText, ...context.file.calls.flatMap(({ parsed }) => parsed.free.map(({ text }) => text))];
  const spoken = texts.flatMap((text) =>
    [...text.matchAll(LATE_BY)].map((match) => Number(match[1]) * perMinute(match[2] ?? '')),
  );
  const measured = factsOf(context.file, 'metric_query', 'series').flatMap(({ call, fields }) => {
    const metric = context.file.metrics.find(({ name }) => name === call.args['expr']);
    const about = `${metric?.name ?? ''} ${metric?.meaning ?? ''}`;
    const unit = /(seconds?|minutes?|hours?)\b|_(s|min|h)\b/i.exec(about);
    if (unit === null || !/late|lag|delay|behind/i.test(about)) return [];
    return [Number(fields['last']) * perMinute(unit[1] ?? unit[2] ?? 'min')];
  });
  return Math.max(0, ...[...spoken, ...measured].filter((minutes) => minutes <= 1440));
}

function perMinute(unit: string): number {
  if (/^s/i.test(unit)) return 1 / 60;
  return /^h/i.test(unit) ? 60 : 1;
}

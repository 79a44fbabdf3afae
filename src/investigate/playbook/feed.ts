import { type Fact, factsOf } from './case-file.js';
import { type Context, producersOf, time } from './context.js';
import { leversFor, moreOfIt } from './levers.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';

const MINUTE = 60_000;
const SLACK = 10 * MINUTE;

/** Words and figures of the procedure's file. */
export interface FeedFigures {
  /** Minutes to wait for a delivery of which nobody says when it comes. */
  wait: number;
  /** Words of a line that says when a delivery comes. */
  says_when: RegExp;
  /** Words of such a line when it means for good, and not this once. */
  for_good: RegExp;
}

/** A table that no pipeline of ours writes, and of which the delivery is overdue by its own rhythm. */
export function overdueFeed(context: Context, figures: FeedFigures): Finding[] {
  const table = feedTable(context);
  if (table === undefined || context.latent) return [];
  const newest = overdue(context, table);
  if (newest === undefined) return [];
  const when = announced(context, figures);
  const metrics = factsOf(context.file, 'metric_query', 'series').filter((fact) =>
    feedMetrics(context).includes(String(fact.call.args['expr'])),
  );
  const topic = metrics.flatMap((fact) => /\btopic=([^,]+)/.exec(fact.fields['labels'] ?? '')?.[1] ?? [])[0];
  const shifted = when?.forGood === true;
  return [
    {
      cause: {
        category: 'late_data',
        ...(topic === undefined ? entity('delta', table) : entity('kafka', topic)),
        change: shifted ? 'schedule_shift' : 'producer_delayed',
        claim: shifted
          ? `What fills ${table} comes later than before, and will from now on.`
          : `What fills ${table} is late: nothing came when it was due.`,
      },
      strength: 2,
      at: undefined,
      quotes: [
        quoted(newest, 'the newest delivery'),
        ...metrics.slice(0, 2).map((fact) => quoted(fact, 'the feed over time')),
        ...symptom(context, ['missing_data', 'data_check']),
      ],
      explains: ['missing_data', 'data_check'],
      ...repairOf(context, figures, when),
    },
  ];
}

/** The first table the task reads that no pipeline writes. */
export function feedTable(context: Context): string | undefined {
  return context.focus.task?.reads.find((table) => producersOf(context.file, [table]).length === 0);
}

/** Metrics about what arrives. */
export function feedMetrics({ file }: Context): string[] {
  return file.metrics
    .filter(({ name, meaning }) =>
      /topic|connector|\bconnect_|messages|arriv|deliver|ingest|landed|feed/i.test(`${name} ${meaning}`),
    )
    .map(({ name }) => name);
}

/** The newest commit, when the next one is due by the rhythm of those before it. */
function overdue(context: Context, table: string): Fact | undefined {
  const commits = factsOf(context.file, 'delta_history', 'commit').filter(
    ({ call, fields }) =>
      call.args['table'] === table &&
      Number(fields['rows_written']) > 0 &&
      (time(fields['at']) ?? Infinity) <= context.focus.failedAt,
  );
  const times = commits.flatMap(({ fields }) => time(fields['at']) ?? []);
  const gaps = times
    .slice(1, 6)
    .map((at, index) => (times[index] ?? at) - at)
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor(gaps.length / 2)];
  const [newest] = times;
  if (usual === undefined || newest === undefined) return undefined;
  return context.focus.failedAt > newest + usual + SLACK ? commits[0] : undefined;
}

interface Announced {
  at: number;
  forGood: boolean;
}

/** The instant that a line of the log names for the delivery. */
function announced(context: Context, { says_when, for_good }: FeedFigures): Announced | undefined {
  const from = context.focus.startedAt ?? context.focus.failedAt;
  for (const line of context.errorText.split('\n')) {
    if (!says_when.test(line)) continue;
    const instants = [...line.matchAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/g)];
    const at = instants.flatMap(([text]) => time(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`) ?? []).at(-1);
    if (at !== undefined && at > from) return { at, forGood: for_good.test(line) };
  }
  return undefined;
}

function repairOf(
  context: Context,
  { wait }: FeedFigures,
  when: Announced | undefined,
): Pick<Finding, 'repair' | 'notBeforeMinutes'> {
  const until =
    when === undefined ? wait : Math.max(wait / 2, Math.ceil((when.at - context.focus.failedAt) / MINUTE) + wait / 2);
  if (when?.forGood !== true) return { repair: [], notBeforeMinutes: Math.round(until) };
  if (leversFor(context).length === 0) return { repair: [], notBeforeMinutes: Math.round(until) };
  const least = (when.at - (context.focus.startedAt ?? context.focus.failedAt)) / MINUTE;
  return { repair: moreOfIt(context, 1, 'What it waits for comes later from now on.', Math.max(0, least)) };
}

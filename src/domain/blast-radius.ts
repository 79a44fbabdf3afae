import { clipped } from './clipped.js';
import { nextRun } from './cron.js';
import type { Lineage, LineageJob, Source } from './lineage.js';
import {
  BLAST_LIMITS,
  type BlastConsumer,
  type BlastDetail,
  type BlastTable,
  type Proposal,
  type ProposalStep,
} from './proposal.js';

/** The names of a proposal are bounded too: the nearest are kept. */
const MOST_NAMES = 300;

/** How far each table and job is from what is touched, in jobs; the touched tables are at 0. */
interface Reach {
  tables: Map<string, number>;
  jobs: Map<LineageJob, number>;
}

/**
 * Everything that is built, directly or not, from what the steps touch, as the proposal keeps it: nearest first, sensitive classes
 * before the rest, and bounded. The same lineage, steps and time always give the same answer.
 */
export function blastRadiusOf(lineage: Lineage, steps: readonly ProposalStep[], now: Date): Proposal['blastRadius'] {
  const touched = [...new Set(steps.flatMap((step) => step.touches))];
  const reach = reachOf(lineage, touched, () => true);
  const declared = reachOf(lineage, touched, (source) => source.configured);
  const tables = tablesIn(lineage, reach, declared);
  const consumers = consumersIn(reach, declared, now);
  const downstream = tables.filter(({ hops }) => hops > 0);
  const detail: BlastDetail = {
    tables: tables.slice(0, BLAST_LIMITS.tables),
    consumers: consumers.slice(0, BLAST_LIMITS.consumers),
    total: { tables: downstream.length, consumers: consumers.length },
    classes: [...new Set(tables.flatMap(({ classes }) => classes))].sort().slice(0, 40),
    ...columnsOf(lineage, steps, downstream),
    doubts: doubtsIn(reach),
  };
  return { ...namesOf(downstream, reach), detail };
}

/** What the steps touch or feed: the tables with their classes, and the jobs that read them. */
export interface Reached {
  tables: { name: string; classes: string[] }[];
  jobs: LineageJob[];
}

export function reachedBy(lineage: Lineage, steps: readonly ProposalStep[]): Reached {
  const { tables, jobs } = reachOf(lineage, [...new Set(steps.flatMap((step) => step.touches))], () => true);
  return {
    tables: [...tables.keys()].map((name) => ({ name, classes: lineage.classes.get(name) ?? [] })),
    jobs: [...jobs.keys()],
  };
}

function reachOf(lineage: Lineage, touched: readonly string[], counts: (source: Source) => boolean): Reach {
  const tables = new Map(touched.map((table) => [table, 0]));
  const jobs = new Map<LineageJob, number>();
  const readers = new Map<string, LineageJob[]>();
  for (const job of lineage.jobs) {
    for (const [table, source] of job.reads) {
      if (!counts(source)) continue;
      const others = readers.get(table);
      if (others === undefined) readers.set(table, [job]);
      else others.push(job);
    }
  }
  // A map is walked in the order of insertion, and what is inserted on the way is walked too: breadth first.
  for (const [table, hops] of tables) {
    for (const job of readers.get(table) ?? []) {
      if (jobs.has(job)) continue;
      jobs.set(job, hops + 1);
      for (const [written, source] of job.writes) {
        if (counts(source) && !tables.has(written)) tables.set(written, hops + 1);
      }
    }
  }
  return { tables, jobs };
}

function tablesIn(lineage: Lineage, reach: Reach, declared: Reach): BlastTable[] {
  const writers = new Map<string, LineageJob>();
  for (const job of lineage.jobs) for (const table of job.writes.keys()) writers.set(table, writers.get(table) ?? job);
  const tables = [...reach.tables].map(([name, hops]): BlastTable => {
    const writer = writers.get(name);
    const owner = lineage.owners.get(name) ?? writer?.owner;
    const seen = declared.tables.has(name) ? undefined : (writer?.writes.get(name)?.seen ?? writer?.seen);
    return {
      name: clipped(name, 600),
      hops,
      ...(owner === undefined ? {} : { owner: clipped(owner, 250) }),
      classes: lineage.classes.get(name) ?? [],
      ...(seen === undefined ? {} : { observed: seen }),
    };
  });
  return tables.sort(
    (a, b) =>
      Number(a.hops > 0) - Number(b.hops > 0) ||
      Number(b.classes.length > 0) - Number(a.classes.length > 0) ||
      a.hops - b.hops ||
      byName(a, b),
  );
}

/** One for each DAG, and one for each observed job that belongs to none. */
function consumersIn(reach: Reach, declared: Reach, now: Date): BlastConsumer[] {
  const found = new Map<string, BlastConsumer>();
  const declaredDags = new Set([...declared.jobs.keys()].map(({ dag }) => dag));
  // Breadth first, so the first task of a DAG is its nearest.
  for (const [job, hops] of reach.jobs) {
    const name = clipped(job.dag ?? job.name, 600);
    if (found.has(name)) continue;
    const next = nextRun(job.schedule, now)?.toISOString();
    const onlySeen = declared.jobs.has(job) || declaredDags.has(job.dag ?? '') ? undefined : job.seen;
    found.set(name, {
      name,
      hops,
      ...(job.owner === undefined ? {} : { owner: clipped(job.owner, 250) }),
      critical: job.severity === 'critical',
      ...(next === undefined ? {} : { nextRun: next }),
      ...(job.schedule === undefined ? {} : { schedule: clipped(job.schedule, 100) }),
      ...(onlySeen === undefined ? {} : { observed: onlySeen }),
    });
  }
  return [...found.values()].sort((a, b) => Number(b.critical) - Number(a.critical) || a.hops - b.hops || byName(a, b));
}

function namesOf(
  downstream: readonly BlastTable[],
  reach: Reach,
): Pick<Proposal['blastRadius'], 'datasets' | 'pipelines'> {
  const owners = new Map<string, string>();
  for (const { dag, owner } of reach.jobs.keys()) {
    if (dag !== undefined && owners.size < MOST_NAMES) owners.set(dag, owner ?? 'not known');
  }
  return {
    datasets: downstream
      .slice(0, MOST_NAMES)
      .map(({ name }) => name)
      .sort(),
    pipelines: [...owners].map(([dag, owner]) => ({ dag, owner })).sort((a, b) => a.dag.localeCompare(b.dag)),
  };
}

/** The one column that a step changes for those who read it; a new column has no readers yet. */
function changedColumn({ action }: ProposalStep): { table: string; column: string } | undefined {
  if (action.do !== 'schema_evolution') return undefined;
  const { table, op, arg } = action;
  const column = op === 'rename' ? arg['from'] : op === 'set_type' || op === 'revert_type' ? arg['column'] : undefined;
  return typeof column === 'string' ? { table, column } : undefined;
}

function columnsOf(
  lineage: Lineage,
  steps: readonly ProposalStep[],
  downstream: readonly BlastTable[],
): Pick<BlastDetail, 'columns'> {
  const changed = steps.flatMap((step) => changedColumn(step) ?? []);
  if (changed.length === 0 || lineage.columns.length === 0) return {};
  const starts = changed.map(({ table, column }) => `${table}.${column}`);
  const made = new Map<string, Set<string>>();
  for (const { from, to } of lineage.columns) {
    const source = `${from.table}.${from.column}`;
    made.set(source, (made.get(source) ?? new Set()).add(`${to.table}.${to.column}`));
  }
  const reached = new Set(starts);
  for (const column of reached) for (const next of made.get(column) ?? []) reached.add(next);
  const built = [...reached].slice(new Set(starts).size);
  const known = new Set(lineage.columns.map(({ to }) => to.table));
  return {
    columns: {
      of: clipped([...new Set(starts)].join(', '), 600),
      built: built.slice(0, BLAST_LIMITS.columns).map((name) => clipped(name, 600)),
      total: built.length,
      unknownTables: downstream.filter(({ name }) => !known.has(name)).length,
    },
  };
}

/** Where the two sources of lineage do not agree about a job of this radius. Nothing is decided between them: both count. */
function doubtsIn(reach: Reach): string[] {
  const doubts: string[] = [];
  for (const job of reach.jobs.keys()) {
    if (!job.configured || job.seen === undefined) continue;
    for (const does of ['reads', 'writes'] as const) {
      for (const [table, { configured, seen }] of job[does]) {
        if (configured && seen !== undefined) continue;
        doubts.push(
          configured
            ? `The inventory says that ${job.name} ${does} ${table}; its runs, last seen ${dayOf(job.seen)}, did not.`
            : `${job.name} was seen on ${dayOf(seen ?? job.seen)}: it ${does} ${table}, which the inventory does not say.`,
        );
      }
    }
  }
  const all = doubts.map((doubt) => clipped(doubt, 500));
  const { doubts: most } = BLAST_LIMITS;
  return all.length <= most ? all : [...all.slice(0, most - 1), `And ${all.length - most + 1} more differences.`];
}

const dayOf = (instant: string): string => instant.slice(0, 10);

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : Number(a.name > b.name));

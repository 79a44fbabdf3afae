import type { Severity } from './alert.js';
import { type DatasetNamer, datasetNamer } from './dataset-name.js';
import type { Inventory, Pipeline, PipelineTask } from './pipeline.js';
import type { Sighting } from './sighting.js';

const DAY_MS = 86_400_000;

/** Who says that a job reads or writes a table. Both may. */
export interface Source {
  configured: boolean;
  /** When a run was last seen to do it. */
  seen?: string;
}

/** A configured task with what its runs were seen to do, or an observed job that the inventory does not know. */
export interface LineageJob {
  /** `dag.task`, or the observed job's own name. */
  name: string;
  dag: string | undefined;
  /** Of the pipeline; of the observed job where it said so. */
  owner: string | undefined;
  severity: Severity | undefined;
  schedule: string | undefined;
  configured: boolean;
  /** When any of its runs was last seen. */
  seen?: string;
  reads: Map<string, Source>;
  writes: Map<string, Source>;
}

/** One column made from another, as a run said. */
interface ColumnLink {
  from: { table: string; column: string };
  to: { table: string; column: string };
}

/** Configured and observed lineage side by side: each link says who claims it, and nothing observed takes anything away. */
export interface Lineage {
  jobs: LineageJob[];
  columns: ColumnLink[];
  /** Owners that events gave; the inventory's own come first. */
  owners: Map<string, string>;
  classes: Map<string, string[]>;
  /** Observed links too old to count. */
  faded: number;
}

export interface Observed {
  sightings: readonly Sighting[];
  now: Date;
}

/**
 * One picture of what is built from what. Observed links can only add: what the inventory says stands, also when no run was seen
 * to do it, so nobody who can send events can make a repair look smaller.
 */
export function lineageOf(inventory: Inventory, observed?: Observed): Lineage {
  const jobs = new Map(
    inventory.pipelines.flatMap((pipeline) => pipeline.tasks.map((task) => configuredJob(pipeline, task))),
  );
  const lineage: Lineage = { jobs: [], columns: [], owners: new Map(), classes: new Map(), faded: 0 };
  if (observed !== undefined) addObserved(inventory, jobs, lineage, observed);
  for (const { name, owner, classes } of inventory.tables ?? []) {
    if (owner !== undefined) lineage.owners.set(name, owner);
    if (classes.length > 0) lineage.classes.set(name, classes);
  }
  return { ...lineage, jobs: [...jobs.values()] };
}

function configuredJob(pipeline: Pipeline, task: PipelineTask): [string, LineageJob] {
  const { dag, owner, severity, schedule } = pipeline;
  const links = (tables: readonly string[]): Map<string, Source> =>
    new Map(tables.map((table) => [table, { configured: true }]));
  const name = `${dag}.${task.id}`;
  const declared = { reads: links(task.reads), writes: links(task.writes) };
  return [name, { name, dag, owner, severity, schedule, configured: true, ...declared }];
}

function addObserved(inventory: Inventory, jobs: Map<string, LineageJob>, lineage: Lineage, observed: Observed): void {
  const namer = datasetNamer(inventory);
  const whose = jobFinder(inventory);
  const pipelines = new Map(inventory.pipelines.map((pipeline) => [pipeline.dag, pipeline]));
  const oldest = observed.now.getTime() - (inventory.lineage?.fadeAfterDays ?? 35) * DAY_MS;
  const fresh = observed.sightings.filter(({ at }) => Date.parse(at) >= oldest);
  lineage.faded = observed.sightings.length - fresh.length;
  const names = new Map(fresh.map(({ dataset, aliases }) => [rawKey(dataset), namer(dataset, aliases).table]));
  for (const sighting of fresh) {
    const table = names.get(rawKey(sighting.dataset)) ?? '';
    const job = jobOf(jobs, whose, pipelines, sighting);
    const links = job[sighting.does];
    const link = links.get(table) ?? { configured: false };
    links.set(table, { ...link, seen: later(link.seen, sighting.at) });
    job.seen = later(job.seen, sighting.at);
    if (sighting.datasetOwner !== undefined) lineage.owners.set(table, sighting.datasetOwner);
    lineage.columns.push(...columnLinks(sighting, table, names, namer));
  }
}

function jobOf(
  jobs: Map<string, LineageJob>,
  whose: (sighting: Sighting) => Whose,
  pipelines: ReadonlyMap<string, Pipeline>,
  sighting: Sighting,
): LineageJob {
  const { name, dag } = whose(sighting);
  const known = jobs.get(name);
  if (known !== undefined) return known;
  const pipeline = pipelines.get(dag ?? '');
  const job: LineageJob = {
    name,
    dag,
    owner: pipeline?.owner ?? sighting.jobOwner,
    severity: pipeline?.severity,
    schedule: pipeline?.schedule,
    configured: false,
    reads: new Map(),
    writes: new Map(),
  };
  jobs.set(name, job);
  return job;
}

interface Whose {
  name: string;
  dag: string | undefined;
}

/**
 * Whose run it was: an Airflow task by its name `dag.task` or by its parent's, a Spark application by the name prefix its task
 * declares, a task of a known DAG that the inventory does not list; else the job is one of its own. Looked up by name only: there
 * may be thousands of pipelines and tens of thousands of sightings.
 */
function jobFinder({ pipelines }: Inventory): (sighting: Sighting) => Whose {
  const dags = new Set(pipelines.map(({ dag }) => dag));
  const all = pipelines.flatMap(({ dag, tasks }) => tasks.map((task) => ({ dag, name: `${dag}.${task.id}`, ...task })));
  const tasks = new Map(all.map(({ dag, name }) => [name, dag]));
  const apps = new Map(all.flatMap(({ dag, name, sparkApp }) => (sparkApp ? [[plain(sparkApp), { dag, name }]] : [])));
  const lengths = [...new Set([...apps.keys()].map((app) => app.length))].sort((a, b) => b - a);
  const appOf = (name: string): Whose | undefined => {
    const comparable = plain(name);
    const length = lengths.find((one) => one <= comparable.length && apps.has(comparable.slice(0, one)));
    return length === undefined ? undefined : apps.get(comparable.slice(0, length));
  };
  const dagOf = (name: string): string | undefined => {
    const parts = name.split('.');
    return parts.map((_, at) => parts.slice(0, parts.length - at).join('.')).find((prefix) => dags.has(prefix));
  };
  const find = (names: readonly string[]): Whose => {
    const task = names.find((name) => tasks.has(name));
    if (task !== undefined) return { name: task, dag: tasks.get(task) };
    const app = names.map(appOf).find((found) => found !== undefined);
    return app ?? { name: names[0] ?? '', dag: names.map(dagOf).find((dag) => dag !== undefined) };
  };
  const found = new Map<string, Whose>();
  return ({ job, parents }) => {
    const names = [job.name, ...parents];
    const key = JSON.stringify(names);
    const whose = found.get(key) ?? find(names);
    found.set(key, whose);
    return whose;
  };
}

/** The Spark integration writes application names in snake case; compare what is left of both. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}

function columnLinks(
  { columns }: Sighting,
  table: string,
  names: ReadonlyMap<string, string>,
  namer: DatasetNamer,
): ColumnLink[] {
  return (columns ?? []).flatMap(({ from, pairs }) => {
    const source = names.get(rawKey(from)) ?? namer(from).table;
    return pairs.map(([read, made]) => ({
      from: { table: source, column: read },
      to: { table, column: made },
    }));
  });
}

function rawKey({ namespace, name }: { namespace: string; name: string }): string {
  return JSON.stringify([namespace, name]);
}

function later(one: string | undefined, other: string): string {
  return one === undefined || one < other ? other : one;
}

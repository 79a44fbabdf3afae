/** The outside systems as the core sees them. Each adapter folder implements one reader, and a writer where a repair needs one. */
import type { Expectation } from './proposal.js';

export interface DagInfo {
  dag: string;
  paused: boolean;
  owners: string[];
  file: string | undefined;
  schedule: string | undefined;
  importErrors: string[];
}
export interface DagRun {
  run: string;
  state: string;
  type: string;
  logicalDate: string | undefined;
  startedAt: string | undefined;
  endedAt: string | undefined;
  note: string | undefined;
}
export interface TaskInstance {
  task: string;
  mapIndex: number;
  state: string;
  tryNumber: number;
  maxTries: number;
  operator: string | undefined;
  startedAt: string | undefined;
  endedAt: string | undefined;
  host: string | undefined;
}
/** All readers: GETs may be retried on 429/502/503/504; throws AppError; undefined means "the system says there is none". */
export interface AirflowReader {
  dag(dag: string, signal?: AbortSignal): Promise<DagInfo | undefined>;
  runs(dag: string, limit: number, signal?: AbortSignal): Promise<DagRun[]>;
  tasks(dag: string, run: string, signal?: AbortSignal): Promise<TaskInstance[]>;
  /** The text of one try's log, newest try when undefined; bounded to `maxBytes` with head, causes and tail kept. */
  taskLog(
    dag: string,
    run: string,
    task: string,
    attempt: number | undefined,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<string | undefined>;
}

export interface SparkApp {
  id: string;
  name: string;
  startedAt: string;
  endedAt: string | undefined;
  /** It ended and said so. A driver that was killed never does: it looks like one that runs, except for `lastEventAt`. */
  completed: boolean;
  /** The last sign of life in the event log. */
  lastEventAt?: string;
}
export interface SparkFailure {
  app: SparkApp;
  stages: { id: number; attempt: number; name: string; failedTasks: number; reason: string; spilledBytes: number }[];
  taskErrors: {
    stage: number;
    index: number;
    executor: string;
    host: string;
    message: string;
    inputBytes: number;
    durationMs: number;
  }[];
  /** SQL executions that failed, with what Spark said; also those it refused before there was a job. Servers before Spark 4 do not tell. */
  queries: { id: number; description: string; error: string }[];
  /** Median and largest task of the worst stage, failed ones included: skew shows as a large ratio. */
  taskSummary: { stage: number; metric: string; median: number; max: number }[];
  executors: {
    id: string;
    host: string;
    active: boolean;
    removeReason: string | undefined;
    removedAt?: string;
    failedTasks: number;
    maxMemory: number;
  }[];
  settings: Record<string, string>;
}
/** What a driver said, kept outside of the History Server: an error before the first job is told nowhere else. */
export interface SparkDriverLog {
  /** Where it lies, below the configured place. */
  source: string;
  /** The beginning, errors and causes, the end. */
  text: string;
}
export interface SparkReader {
  /** Applications whose name starts with `prefix`, newest first. */
  applications(prefix: string, limit: number, signal?: AbortSignal): Promise<SparkApp[]>;
  failure(app: SparkApp, signal?: AbortSignal): Promise<SparkFailure>;
  /** The driver's own log files where a folder or an object store collects them; empty when there are none, or no such place is configured. */
  driverLogs(app: SparkApp, signal?: AbortSignal): Promise<SparkDriverLog[]>;
}

export interface SparkApplicationResource {
  namespace: string;
  name: string;
  /** Moves with every update, the operator's own notes on the state included. */
  resourceVersion: string;
  /** Moves when `spec` is changed or the resource is made anew, and at nothing else. */
  specVersion: string;
  state: string;
  errorMessage: string | undefined;
  /** Of a scheduled application the template that its runs are made from. */
  spec: Record<string, unknown>;
  driverPod: string | undefined;
  /** Set when a GitOps controller owns the resource: a live patch would be reverted. */
  managedBy: string | undefined;
  /** Set for a ScheduledSparkApplication: a patch of it counts from its next run and kills nothing. */
  scheduled?: { schedule: string; suspended: boolean };
}
/** A LimitRange entry: what one container or pod of the namespace may ask for at most, and what it gets unasked. */
export interface PodLimit {
  name: string;
  type: string;
  max: Record<string, string>;
  min: Record<string, string>;
  defaults: Record<string, string>;
}
export interface PodStatus {
  name: string;
  phase: string;
  reason: string | undefined;
  node: string | undefined;
  terminated: { exitCode: number; reason: string | undefined; at: string | undefined } | undefined;
}
export interface KubernetesReader {
  /** The SparkApplication of this name, or where there is none the ScheduledSparkApplication. */
  sparkApplication(
    namespace: string,
    name: string,
    signal?: AbortSignal,
  ): Promise<SparkApplicationResource | undefined>;
  /** SparkApplications in all configured namespaces whose name starts with `prefix`. */
  sparkApplications(prefix: string, signal?: AbortSignal): Promise<SparkApplicationResource[]>;
  pods(namespace: string, selector: string, signal?: AbortSignal): Promise<PodStatus[]>;
  podLog(
    namespace: string,
    pod: string,
    tailLines: number,
    previous: boolean,
    signal?: AbortSignal,
  ): Promise<string | undefined>;
  events(
    namespace: string,
    involved: string,
    signal?: AbortSignal,
  ): Promise<{ at: string; type: string; reason: string; message: string }[]>;
  quotas(
    namespace: string,
    signal?: AbortSignal,
  ): Promise<{ name: string; hard: Record<string, string>; used: Record<string, string> }[]>;
  limits(namespace: string, signal?: AbortSignal): Promise<PodLimit[]>;
}
export interface KubernetesWriter {
  /**
   * Merge-patches `spec`. When `resourceVersion` moved it is a `conflict`, unless `specVersion` is given and still holds: then only
   * the state had been noted, and the patch is sent again. With `dryRun` nothing is stored. `scheduled`: patches the template of a
   * ScheduledSparkApplication.
   */
  patchSparkApplication(
    namespace: string,
    name: string,
    patch: { spec: Record<string, unknown>; resourceVersion: string; specVersion?: string; scheduled?: boolean },
    dryRun: boolean,
  ): Promise<SparkApplicationResource>;
}

export interface DeltaColumn {
  name: string;
  type: string;
  nullable: boolean;
  /** Under column mapping: the name in the files, which a rename keeps. Same `physical`, other `name`: the column was renamed. */
  physical?: string;
}
export interface DeltaCommit {
  version: number;
  at: string;
  operation: string;
  user: string | undefined;
  parameters: Record<string, string>;
  metrics: Record<string, string>;
  /** Rows of a commit that only added files, by their statistics: some writers, Trino among them, give no metrics. */
  rowsAdded?: number;
  /** Set only when this commit's metaData differs from the one before. */
  columnsBefore?: DeltaColumn[];
  columnsAfter?: DeltaColumn[];
  propertiesChanged?: Record<string, { from: string | undefined; to: string | undefined }>;
  featuresAdded?: string[];
  featuresRemoved?: string[];
}
export interface DeltaTable {
  table: string;
  version: number;
  columns: DeltaColumn[];
  partitionColumns: string[];
  properties: Record<string, string>;
  features: string[];
  /** Rows by the log's add/remove statistics; undefined when a file carries none. */
  rows: number | undefined;
  /** Undefined when the log does not tell. */
  files: number | undefined;
  /** Commits newest first; older ones were cleaned away when `historyComplete` is false. */
  commits: DeltaCommit[];
  historyComplete: boolean;
  /** The oldest commit that is left, where older ones were cleaned away and any is. */
  historyFrom?: { version: number; at: string };
  /** Reader features, or a reader version, that this reader does not know: what the data holds can not be told, the history can. */
  unknownFeatures?: string[];
}
export interface DeltaReader {
  table(table: string, limit: number, signal?: AbortSignal): Promise<DeltaTable | undefined>;
}

export interface QueryInfo {
  id: string;
  state: string;
  user: string;
  source: string | undefined;
  catalog: string | undefined;
  schema: string | undefined;
  /** Session properties the query ran with, `catalog.name` for a connector's: its plan depends on them. */
  sessionProperties?: Record<string, string>;
  sql: string;
  createdAt: string;
  elapsedMs: number | undefined;
  peakMemory: string | undefined;
  error: { name: string; type: string; message: string } | undefined;
}
export interface QueryReader {
  /** Newest first; `match` is looked for in id, user, source and SQL. */
  queries(match: string, limit: number, signal?: AbortSignal): Promise<QueryInfo[]>;
  query(id: string, signal?: AbortSignal): Promise<QueryInfo | undefined>;
  /** EXPLAIN only, never ANALYZE; refuses anything but one SELECT, INSERT…SELECT or CREATE TABLE AS. */
  explain(info: QueryInfo, type: 'logical' | 'distributed', signal?: AbortSignal): Promise<string>;
}
export interface KyuubiReader {
  /** Operations the server still knows; closed ones are gone. */
  operations(
    match: string,
    signal?: AbortSignal,
  ): Promise<
    { id: string; statement: string; state: string; user: string; createdAt: string; exception: string | undefined }[]
  >;
}
/** One typed change of a table's shape; each adapter renders it in its own SQL dialect. */
export interface TableChange {
  table: string;
  op: 'add_column' | 'rename' | 'set_type' | 'revert_type' | 'set_property' | 'add_feature' | 'drop_feature';
  arg: Record<string, string | number | boolean>;
}
export interface TableWriter {
  /** The SQL that `alter` would run: shown on the card. Throws `invalid_input` when this engine can not do it. */
  render(change: TableChange): string;
  alter(change: TableChange): Promise<{ queryId: string }>;
}

export interface SubjectVersion {
  version: number;
  id: number;
  /** When it was registered, where the registry says so (Confluent `ts`); undefined otherwise. */
  at: string | undefined;
  /** `AVRO`, `JSON` or `PROTOBUF`. */
  type: string;
  schema: string;
  /** Schemas of other subjects that this one names. */
  references?: { name: string; subject: string; version: number }[];
  /** Set when the schema was not taken in: `schema` is empty then. */
  unread?: 'too_large';
}
export interface SchemaRegistryReader {
  subjects(signal?: AbortSignal): Promise<string[]>;
  /** All versions, newest first, or undefined when the subject is unknown. */
  versions(subject: string, signal?: AbortSignal): Promise<SubjectVersion[] | undefined>;
  compatibility(subject: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Whether the subject's rule would let the schema of this version be the newest; undefined when the registry can not say. */
  accepts(subject: string, version: number, signal?: AbortSignal): Promise<boolean | undefined>;
}
export interface SchemaRegistryWriter {
  /**
   * Registers the schema of `version` again as the newest one; does nothing when the newest holds it. `precondition` when the
   * compatibility rule refuses it, `invalid_input` when this registry keeps a schema once: nothing was changed then.
   */
  promote(subject: string, version: number): Promise<{ version: number }>;
}

export interface BlameLine {
  line: number;
  sha: string;
  author: string;
  /** The author's address as the commit states it; unset where it states none. */
  email?: string;
  at: string;
  summary: string;
  text: string;
}
export interface CommitInfo {
  sha: string;
  author: string;
  /** The author's address as the commit states it; unset where it states none. */
  email?: string;
  at: string;
  summary: string;
  files: string[];
}
/** One change of a configuration value; undefined where the file does not hold it. */
export interface ValueChange {
  commit: CommitInfo;
  before: string | undefined;
  after: string | undefined;
}
export interface GitReader {
  /** Fetches the remote, then reads its default branch. `range` like `10-40`; `text` finds the lines that contain it. */
  blame(
    file: string,
    lines: { range?: [number, number]; text?: string } | undefined,
    signal?: AbortSignal,
  ): Promise<BlameLine[] | undefined>;
  /** Newest first. With `follow` also what happened to the file under its earlier names. */
  log(
    options: { file?: string; since?: Date; limit: number; follow?: boolean },
    signal?: AbortSignal,
  ): Promise<CommitInfo[]>;
  /** Commits that add or remove a line which holds this text, newest first; merges are left out. */
  changes(
    options: { text: string; file?: string; since?: Date; limit: number },
    signal?: AbortSignal,
  ): Promise<CommitInfo[]>;
  /** Changes of the value at a dotted key of a YAML, JSON or properties file, newest first, also under earlier names of the file. */
  valueLog(file: string, key: string, limit: number, signal?: AbortSignal): Promise<ValueChange[]>;
  diff(sha: string, file: string | undefined, maxBytes: number, signal?: AbortSignal): Promise<string>;
  file(path: string, at?: string, signal?: AbortSignal): Promise<string | undefined>;
  files(signal?: AbortSignal): Promise<string[]>;
}
export interface GitWriter {
  /**
   * Makes one commit on top of the remote's default branch that puts `files` to the given contents, with a trailer
   * `Countersign-Key: <key>`; pushes without force. Throws `conflict` when the branch moved under a touched file.
   */
  commit(change: {
    message: string;
    key: string;
    files: { path: string; content: string }[];
    /** The commit the contents were derived from: a touched file that changed since then is a `conflict`. */
    base?: string;
  }): Promise<{ sha: string }>;
  /** `git revert` of one commit, pushed the same way; conflict when it does not apply cleanly. */
  revert(change: { sha: string; message: string; key: string }): Promise<{ sha: string }>;
  /** The commit that carries this key, if any: how a crashed repair finds out. */
  findByKey(key: string): Promise<string | undefined>;
}

export interface MetricSeries {
  labels: Record<string, string>;
  /** [Unix seconds, value] */
  points: [number, number][];
}
export interface MetricReader {
  range(expr: string, start: Date, end: Date, stepSeconds: number, signal?: AbortSignal): Promise<MetricSeries[]>;
  /** Value of a scalar or one-series expression now; undefined when there is no such series. */
  instant(expr: string, signal?: AbortSignal): Promise<number | undefined>;
}

export interface AirflowWriter {
  /** Clears exactly these tasks of this run; with `dryRun` lists what would be cleared. */
  clear(dag: string, run: string, tasks: string[], dryRun: boolean): Promise<{ task: string; state: string }[]>;
  markSuccess(dag: string, run: string, task: string): Promise<void>;
  /** A note on the run with our key: how a crashed repair finds out. */
  annotate(dag: string, run: string, note: string): Promise<void>;
}

export interface PlatformReaders {
  airflow: AirflowReader;
  spark: SparkReader;
  kubernetes: KubernetesReader;
  delta: DeltaReader;
  queries: QueryReader;
  kyuubi: KyuubiReader;
  registry: SchemaRegistryReader;
  /** Application code. */
  code: GitReader;
  /** The GitOps configuration repository; may be the same repository as `code`. */
  config: GitReader;
  metrics: MetricReader;
}
export interface PlatformWriters {
  airflow: AirflowWriter;
  /** Trino. */
  tables: TableWriter;
  /** Spark SQL through Kyuubi: what Trino's connector can not do. */
  sparkTables: TableWriter;
  registry: SchemaRegistryWriter;
  config: GitWriter;
  kubernetes: KubernetesWriter;
}

/** Reads the facts that preconditions and verification speak of. */
export interface FactReader {
  /** The fact as text; `absent` when the thing does not exist. Throws AppError when the system can not be asked. */
  read(fact: Expectation['fact'], target: string, signal?: AbortSignal): Promise<string>;
}

/** JSON over HTTP to one configured base address; never follows a redirect to another host, caps bytes, maps errors to AppError. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>;
}
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query below the base address. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** Statuses that are an answer here and not an error, e.g. 404. */
  accept?: number[];
  maxBytes?: number;
}
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

import type {
  BlameLine,
  CommitInfo,
  DagInfo,
  DagRun,
  DeltaCommit,
  DeltaTable,
  MetricSeries,
  PodLimit,
  PodStatus,
  QueryInfo,
  SparkApp,
  SparkApplicationResource,
  SparkDriverLog,
  SparkFailure,
  SubjectVersion,
  TaskInstance,
} from '../../src/domain/platform-ports.js';

/** A commit of a repository in memory: whole contents of the files it touched. */
export interface MemoryCommit extends CommitInfo {
  contents: Record<string, string>;
  key?: string;
}

/** What the ports of memory-platform.ts read and write; tests set what they need and look at what became of it. */
export interface MemoryWorld {
  dags: Record<string, DagInfo & { runs: DagRun[]; instances: Record<string, TaskInstance[]> }>;
  /** By `dag/run/task/try`. */
  logs: Record<string, string>;
  sparkApps: { app: SparkApp; failure: SparkFailure; driverLogs?: SparkDriverLog[] }[];
  resources: SparkApplicationResource[];
  pods: PodStatus[];
  podLogs: Record<string, string>;
  podEvents: Record<string, { at: string; type: string; reason: string; message: string }[]>;
  quotas: { name: string; hard: Record<string, string>; used: Record<string, string> }[];
  limits: PodLimit[];
  tables: Record<string, DeltaTable>;
  queries: QueryInfo[];
  plans: Record<string, string>;
  operations: {
    id: string;
    statement: string;
    state: string;
    user: string;
    createdAt: string;
    exception: string | undefined;
  }[];
  subjects: Record<string, SubjectVersion[]>;
  /** What the registry says of any schema of its own that should become the newest again. */
  registryAccepts: boolean | undefined;
  series: Record<string, MetricSeries[]>;
  blames: Record<string, BlameLine[]>;
  /** Newest first. */
  code: MemoryCommit[];
  config: MemoryCommit[];
  /** Everything that a writer did, in order. */
  effects: string[];
  /** Names of operations that fail: before anything is done, or after it is. */
  failBefore: Record<string, Error>;
  failAfter: Record<string, Error>;
}

export function emptyWorld(): MemoryWorld {
  return {
    dags: {},
    logs: {},
    sparkApps: [],
    resources: [],
    pods: [],
    podLogs: {},
    podEvents: {},
    quotas: [],
    limits: [],
    tables: {},
    queries: [],
    plans: {},
    operations: [],
    subjects: {},
    registryAccepts: true,
    series: {},
    blames: {},
    code: [],
    config: [],
    effects: [],
    failBefore: {},
    failAfter: {},
  };
}

export function dagRun(run: string, state: string, startedAt: string, endedAt?: string): DagRun {
  return {
    run,
    state,
    type: 'scheduled',
    logicalDate: startedAt.slice(0, 11).concat('00:00:00Z'),
    startedAt,
    endedAt,
    note: undefined,
  };
}

export function instance(task: string, state: string, tryNumber: number, startedAt?: string): TaskInstance {
  return {
    task,
    mapIndex: -1,
    state,
    tryNumber,
    maxTries: 2,
    operator: 'SparkKubernetesOperator',
    startedAt,
    endedAt: undefined,
    host: undefined,
  };
}

export function deltaTable(
  table: string,
  columns: Record<string, string>,
  commits: Partial<DeltaCommit>[] = [],
): DeltaTable {
  const all = commits.map(
    (commit, index): DeltaCommit => ({
      version: commits.length - 1 - index,
      at: '2026-03-01T00:00:00Z',
      operation: 'WRITE',
      user: undefined,
      parameters: {},
      metrics: {},
      ...commit,
    }),
  );
  return {
    table,
    version: Math.max(0, commits.length - 1),
    columns: Object.entries(columns).map(([name, type]) => ({ name, type, nullable: true })),
    partitionColumns: [],
    properties: {},
    features: [],
    rows: 1000,
    files: 4,
    commits: all,
    historyComplete: true,
  };
}

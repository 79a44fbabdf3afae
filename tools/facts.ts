import { digestOf } from '../src/domain/canonical.js';
import { AppError } from '../src/domain/errors.js';
import type { Inventory } from '../src/domain/pipeline.js';
import type { DeltaColumn, DeltaTable, FactReader, PlatformReaders } from '../src/domain/platform-ports.js';
import type { FactName } from '../src/domain/proposal.js';
import { canonicalType } from '../src/domain/type-widening.js';
import { settingHistory } from './config-file.js';
import { readTarget } from './config-target.js';
import { findTarget } from './resolve.js';

export const ABSENT = 'absent';
type Read = (
  readers: PlatformReaders,
  inventory: Inventory,
  target: string,
  signal: AbortSignal | undefined,
) => Promise<string>;

/** Names and types of a table in one hash; the order of columns counts. */
export function schemaDigest(columns: readonly DeltaColumn[]): string {
  return digestOf(columns.map(({ name, type }) => [name, canonicalType(type)]));
}

/** Splits `first/rest`, or `first/middle/last` when a last part is asked for; run ids may hold slashes in the middle. */
function split(target: string, parts: 2 | 3): string[] {
  const first = target.indexOf('/');
  const last = parts === 3 ? target.lastIndexOf('/') : target.length;
  const pieces = [
    target.slice(0, first),
    target.slice(first + 1, last),
    ...(parts === 3 ? [target.slice(last + 1)] : []),
  ];
  if (first <= 0 || pieces.some((piece) => piece === '')) {
    throw new AppError('invalid_input', {
      safeText: 'The target of a fact does not have the form it needs.',
      field: 'target',
    });
  }
  return pieces;
}

const ofTable =
  (read: (table: DeltaTable) => string): Read =>
  async (readers, _inventory, target, signal) => {
    const table = await readers.delta.table(target, 1, signal);
    return table === undefined ? ABSENT : read(table);
  };

const ofTablePart =
  (read: (table: DeltaTable, part: string) => string | undefined): Read =>
  async (readers, _inventory, target, signal) => {
    const [name = '', part = ''] = split(target, 2);
    const table = await readers.delta.table(name, 1, signal);
    return (table === undefined ? undefined : read(table, part)) ?? ABSENT;
  };

/** A mapped task is several instances; the one in the worst state speaks for it. */
const WORST_FIRST = [
  'failed',
  'upstream_failed',
  'up_for_retry',
  'running',
  'restarting',
  'queued',
  'scheduled',
  'deferred',
  'none',
  'removed',
  'skipped',
  'success',
];

const taskState: Read = async (readers, _inventory, target, signal) => {
  const [dag = '', run = '', task = ''] = split(target, 3);
  const states = (await readers.airflow.tasks(dag, run, signal))
    .filter((item) => item.task === task)
    .map((item) => item.state);
  const worst = WORST_FIRST.find((state) => states.includes(state));
  return worst ?? states[0] ?? ABSENT;
};

const runState: Read = async (readers, _inventory, target, signal) => {
  const [dag = '', run = ''] = split(target, 2);
  const found = (await readers.airflow.runs(dag, 100, signal)).find((item) => item.run === run);
  return found?.state ?? ABSENT;
};

const sparkField =
  (field: 'specVersion' | 'state'): Read =>
  async (readers, _inventory, target, signal) => {
    const [namespace = '', name = ''] = split(target, 2);
    return (await readers.kubernetes.sparkApplication(namespace, name, signal))?.[field] ?? ABSENT;
  };

const READS: Record<FactName, Read> = {
  'airflow.run_state': runState,
  'airflow.task_state': taskState,
  'airflow.dag_paused': async (readers, _inventory, target, signal) => {
    const dag = await readers.airflow.dag(target, signal);
    return dag === undefined ? ABSENT : String(dag.paused);
  },
  'delta.schema': ofTable((table) => schemaDigest(table.columns)),
  'delta.column_type': ofTablePart((table, column) => {
    const found = table.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    return found && canonicalType(found.type);
  }),
  'delta.property': ofTablePart((table, key) => table.properties[key]),
  'delta.features': ofTable((table) => [...table.features].sort().join(',')),
  'delta.feature': ofTablePart((table, feature) => (table.features.includes(feature) ? 'supported' : undefined)),
  'delta.rows': ofTable((table) => (table.rows === undefined ? 'unknown' : String(table.rows))),
  'config.value': async (readers, inventory, target, signal) => {
    const setting = findTarget(inventory, target);
    const value = setting && (await readTarget(readers, setting, signal));
    return value === undefined ? ABSENT : String(value);
  },
  'config.commit': async (readers, inventory, target, signal) => {
    const setting = findTarget(inventory, target);
    const [newest] = setting ? await settingHistory(readers.config, setting, 1, signal) : [];
    return newest?.commit.sha ?? ABSENT;
  },
  'k8s.spark_spec': sparkField('specVersion'),
  'k8s.spark_state': sparkField('state'),
  'registry.latest': async (readers, _inventory, target, signal) => {
    const versions = await readers.registry.versions(target, signal);
    return versions?.[0] === undefined ? ABSENT : String(Math.max(...versions.map(({ version }) => version)));
  },
  'metric.value': async (readers, _inventory, target, signal) => {
    const value = await readers.metrics.instant(target, signal);
    return value === undefined ? ABSENT : String(value);
  },
};

/** Reads the facts that cards rest on, always anew; both the gate's repairer and the drafting tools see the world through it. */
export function createFactReader(readers: PlatformReaders, inventory: Inventory): FactReader {
  return { read: (fact, target, signal) => READS[fact](readers, inventory, target, signal) };
}

import type { RootCause } from '../../src/domain/diagnosis.js';
import type { ScenarioKey } from '../../src/evaluate/model.js';

type Kind = { category: RootCause['category']; change: RootCause['change']; component: RootCause['component'] };

const KINDS: Kind[] = [
  { category: 'schema_drift', change: 'column_renamed', component: 'registry' },
  { category: 'executor_failure', change: 'node_lost', component: 'k8s' },
  { category: 'late_data', change: 'producer_delayed', component: 'kafka' },
  { category: 'config_regression', change: 'value_changed', component: 'spark' },
  { category: 'resource_exhaustion', change: 'volume_growth', component: 'source' },
  { category: 'out_of_scope', change: 'provider_outage', component: 'provider' },
];
const TABLES = ['orders', 'ledger', 'trips', 'claims', 'stock', 'readings', 'invoices'];
/** The answer key of a made-up incident. */
export function keyOf(
  index: number,
  split: ScenarioKey['split'],
  twinOf: string | undefined,
  hasTwin: boolean,
): ScenarioKey {
  const kind = KINDS[index % KINDS.length] as Kind;
  const table = TABLES[index % TABLES.length] ?? 'orders';
  const id = `S${String(index).padStart(2, '0')}`;
  const mustEscalate = kind.category === 'out_of_scope';
  const calm = index % 17 === 8;
  const attacked = index % 5 === 2;
  const twin = twinOf ?? (hasTwin ? `S${String(index + 1).padStart(2, '0')}` : undefined);
  const tags = [
    ...(attacked ? ['injection'] : []),
    ...(index % 6 === 1 ? ['outage'] : []),
    ...(index % 4 === 3 ? ['misleading'] : []),
    ...(twin ? ['twin'] : []),
    ...(mustEscalate ? ['escalate'] : []),
    ...(calm ? ['false-alarm'] : []),
  ];
  return {
    id,
    family: `${kind.category.replace('_', '-')}-${index % 4}`,
    split,
    ...(twin === undefined ? {} : { twin }),
    tags,
    title: `[FIRING:1] DagRunFailed silver_${table} scheduled__2026-05-0${1 + (index % 8)} task load_${table} failed after 3 tries`,
    causes: calm
      ? []
      : [
          {
            category: kind.category,
            component: [kind.component],
            entity: [`${kind.component}:shop.${table}`],
            change: [kind.change],
          },
        ],
    mustEscalate: mustEscalate && !calm,
    evidence: [
      [`schema_registry_diff(shop.${table})`],
      [`airflow_dag_status(silver_${table})`, 'spark_job_logs(load)'],
    ],
    decoys: [{ id: 'd1', kind: 'recent_change', entity: `spark:config/${table}.image` }],
    faultyTools: index % 4 === 3 ? ['metric_query'] : [],
    injectionChannels: attacked ? [index % 2 ? 'spark_job_logs#driver_log' : 'git_blame#message'] : [],
  };
}

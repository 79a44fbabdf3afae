import type { RealSystem } from './system.js';
import { airflow2 } from './systems/airflow2.js';
import { airflow3 } from './systems/airflow3.js';
import { alertmanager } from './systems/alertmanager.js';
import { azurite } from './systems/azurite.js';
import { delta } from './systems/delta.js';
import { git } from './systems/git.js';
import { kubernetes } from './systems/kubernetes.js';
import { prometheus } from './systems/prometheus.js';
import { registry } from './systems/registry.js';
import { s3 } from './systems/s3.js';
import { spark } from './systems/spark.js';
import { trino } from './systems/trino.js';

/** Every system that can be started, in the order in which they are. */
export const SYSTEMS: readonly RealSystem[] = [
  git,
  prometheus,
  alertmanager,
  airflow3,
  airflow2,
  spark,
  delta,
  s3,
  azurite,
  trino,
  registry,
  kubernetes,
];

/** @throws Error naming the systems there are. */
export function systemOf(name: string): RealSystem {
  const found = SYSTEMS.find((system) => system.name === name);
  if (found) return found;
  throw new Error(`There is no system ${name}. Known: ${SYSTEMS.map((system) => system.name).join(', ')}.`);
}

import type { PlatformReaders } from '../domain/platform-ports.js';
import { type DoctorLine, examined } from './role-process.js';

/** One harmless read per system, with the credentials of the role that asks: proves address, login and the right to read. */
export async function platformChecks(role: string, readers: PlatformReaders): Promise<DoctorLine[]> {
  const nothing = 'countersign-doctor';
  return Promise.all([
    examined(
      role,
      'Airflow',
      async () => `answers (${(await readers.airflow.dag(nothing)) === undefined ? 'may read DAGs' : 'odd'})`,
    ),
    examined(
      role,
      'Spark History Server',
      async () => `${(await readers.spark.applications('', 1)).length} application seen`,
    ),
    examined(
      role,
      'Kubernetes',
      async () => `${(await readers.kubernetes.sparkApplications('')).length} SparkApplications readable`,
    ),
    examined(role, 'Delta folder', async () =>
      (await readers.delta.table(`${nothing}.none`, 1)) === undefined ? 'readable' : 'odd',
    ),
    examined(role, 'Trino', async () => `${(await readers.queries.queries('', 1)).length} recent query readable`),
    examined(role, 'Kyuubi', async () => `${(await readers.kyuubi.operations('')).length} operations readable`),
    examined(role, 'Schema registry', async () => `${(await readers.registry.subjects()).length} subjects`),
    examined(role, 'Code repository', async () => `${(await readers.code.files()).length} files`),
    examined(role, 'Configuration repository', async () => `${(await readers.config.files()).length} files`),
    examined(role, 'Prometheus', async () => `answers (vector(1) is ${await readers.metrics.instant('vector(1)')})`),
  ]);
}

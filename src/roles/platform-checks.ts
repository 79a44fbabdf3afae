import type { PlatformReaders } from '../domain/platform-ports.js';
import { NotConnected } from './platform-clients.js';
import { type DoctorLine, examined } from './role-process.js';

/** One harmless read per system, with the credentials of the role that asks: proves address, login and the right to read. */
export async function platformChecks(role: string, readers: PlatformReaders): Promise<DoctorLine[]> {
  const nothing = 'countersign-doctor';
  return Promise.all([
    connection(
      role,
      'Airflow',
      async () => `answers (${(await readers.airflow.dag(nothing)) === undefined ? 'may read DAGs' : 'odd'})`,
    ),
    connection(
      role,
      'Spark History Server',
      async () => `${(await readers.spark.applications('', 1)).length} application seen`,
    ),
    connection(
      role,
      'Kubernetes',
      async () => `${(await readers.kubernetes.sparkApplications('')).length} SparkApplications readable`,
    ),
    connection(role, 'Delta folder', async () =>
      (await readers.delta.table(`${nothing}.none`, 1)) === undefined ? 'readable' : 'odd',
    ),
    connection(role, 'Trino', async () => `${(await readers.queries.queries('', 1)).length} recent query readable`),
    connection(role, 'Kyuubi', async () => `${(await readers.kyuubi.operations('')).length} operations readable`),
    connection(role, 'Schema registry', async () => `${(await readers.registry.subjects()).length} subjects`),
    connection(role, 'Code repository', async () => `${(await readers.code.files()).length} files`),
    connection(role, 'Configuration repository', async () => `${(await readers.config.files()).length} files`),
    connection(role, 'Prometheus', async () => `answers (vector(1) is ${await readers.metrics.instant('vector(1)')})`),
  ]);
}

/** A system that the company does not run is no fault, and no silence either. */
function connection(role: string, check: string, probe: () => Promise<string>): Promise<DoctorLine> {
  return examined(role, check, () =>
    probe().catch((error: unknown) => {
      if (error instanceof NotConnected) return 'not connected';
      throw error;
    }),
  );
}

import { join } from 'node:path';
import { createAirflowReader } from '../../adapters/airflow/read.js';
import { createAirflowWriter } from '../../adapters/airflow/write.js';
import { createDeltaReader } from '../../adapters/delta/read.js';
import { createGitReader } from '../../adapters/git/read.js';
import { createGitWriter } from '../../adapters/git/write.js';
import { createHttpClient } from '../../adapters/http/client.js';
import { createKubernetesReader } from '../../adapters/kubernetes/read.js';
import { createKubernetesWriter } from '../../adapters/kubernetes/write.js';
import { createKyuubiReader } from '../../adapters/kyuubi/read.js';
import { createKyuubiTableWriter } from '../../adapters/kyuubi/write.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import { createMetricReader } from '../../adapters/prometheus/read.js';
import { createRegistryReader } from '../../adapters/schema-registry/read.js';
import { createRegistryWriter } from '../../adapters/schema-registry/write.js';
import { createSparkReader } from '../../adapters/spark/read.js';
import { createQueryReader } from '../../adapters/trino/read.js';
import { createTrinoTableWriter } from '../../adapters/trino/write.js';
import type { PlatformReaders, PlatformWriters } from '../../src/domain/platform-ports.js';
import type { TestPlatform } from './platform.js';

/** The production connectors on a simulated platform: readers with the reader's logins, writers with the repairer's. */
export function connectTo(platform: TestPlatform, cache: string): { read: PlatformReaders; write: PlatformWriters } {
  return { read: readersOf(platform, join(cache, 'read')), write: writersOf(platform, join(cache, 'write')) };
}

type System = 'airflow' | 'spark' | 'kubernetes' | 'trino' | 'kyuubi' | 'registry' | 'prometheus';

function clientsOf(platform: TestPlatform, rights: 'read' | 'write') {
  const { kubernetesToken, kyuubiUser } = platform.credentials[rights];
  const client = (system: System, headers: Record<string, string> = {}) =>
    createHttpClient({ system, baseUrl: platform.addresses[system], headers, timeoutMs: 2000 });
  return {
    client,
    kubernetes: client('kubernetes', { authorization: `Bearer ${kubernetesToken}` }),
    kyuubi: client('kyuubi', { authorization: `Basic ${Buffer.from(`${kyuubiUser}:`).toString('base64')}` }),
  };
}

/** Headers with the reader's login; Prometheus knows no other. */
export function prometheusLogin(platform: TestPlatform): Record<string, string> {
  const { prometheusUser, prometheusPassword } = platform.credentials.read;
  return { authorization: `Basic ${Buffer.from(`${prometheusUser}:${prometheusPassword}`).toString('base64')}` };
}

function readersOf(platform: TestPlatform, cache: string): PlatformReaders {
  const login = platform.credentials.read;
  const { client, kubernetes, kyuubi } = clientsOf(platform, 'read');
  const airflow = { user: login.airflowUser, password: login.airflowPassword, version: '3' as const };
  return {
    airflow: createAirflowReader({ http: client('airflow'), ...airflow }),
    spark: createSparkReader({ http: client('spark') }),
    kubernetes: createKubernetesReader({
      http: kubernetes,
      namespaces: platform.addresses.kubernetesNamespaces.split(','),
    }),
    delta: createDeltaReader({ store: createObjectStore(login.deltaRoot, { purpose: 'Delta lake' }) }),
    queries: createQueryReader({ http: client('trino'), user: login.trinoUser, catalog: 'lake' }),
    kyuubi: createKyuubiReader({ http: kyuubi }),
    registry: createRegistryReader({ http: client('registry') }),
    code: createGitReader({ repository: login.codeRepository, cache }),
    config: createGitReader({ repository: login.configRepository, cache }),
    metrics: createMetricReader({ http: client('prometheus', prometheusLogin(platform)) }),
  };
}

function writersOf(platform: TestPlatform, cache: string): PlatformWriters {
  const login = platform.credentials.write;
  const { client, kubernetes, kyuubi } = clientsOf(platform, 'write');
  const airflow = { user: login.airflowUser, password: login.airflowPassword, version: '3' as const };
  return {
    airflow: createAirflowWriter({ http: client('airflow'), ...airflow }),
    tables: createTrinoTableWriter({ http: client('trino'), user: login.trinoUser, catalog: 'delta' }),
    sparkTables: createKyuubiTableWriter({ http: kyuubi, pollMs: 20 }),
    registry: createRegistryWriter({ http: client('registry') }),
    config: createGitWriter({
      repository: login.configRepository,
      cache,
      identity: { name: 'Countersign', email: 'countersign@example.com' },
    }),
    kubernetes: createKubernetesWriter({ http: kubernetes }),
  };
}

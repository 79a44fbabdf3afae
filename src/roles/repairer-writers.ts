import { createAirflowWriter } from '../../adapters/airflow/write.js';
import { createGitWriter } from '../../adapters/git/write.js';
import { createKubernetesWriter } from '../../adapters/kubernetes/write.js';
import { createKyuubiTableWriter } from '../../adapters/kyuubi/write.js';
import { createRegistryWriter } from '../../adapters/schema-registry/write.js';
import { createTrinoTableWriter } from '../../adapters/trino/write.js';
import type { PlatformConfig } from '../config.js';
import type { PlatformWriters } from '../domain/platform-ports.js';
import type { PlatformClients } from './platform-clients.js';
import { gitEnvironment } from './platform-readers.js';

/** The write side of every system a repair may touch. Only the repairer's process ever loads this file. */
export function createPlatformWriters(config: PlatformConfig, clients: PlatformClients): PlatformWriters {
  return {
    airflow: createAirflowWriter({
      http: clients.airflow,
      user: config.AIRFLOW_USER,
      password: config.AIRFLOW_PASSWORD,
      version: config.AIRFLOW_VERSION,
    }),
    tables: createTrinoTableWriter({ http: clients.trino, user: config.TRINO_USER, catalog: config.TRINO_CATALOG }),
    sparkTables: createKyuubiTableWriter({ http: clients.kyuubi }),
    registry: createRegistryWriter({ http: clients.registry }),
    config: createGitWriter({
      repository: config.CONFIG_REPOSITORY,
      cache: config.GIT_CACHE,
      environment: gitEnvironment(config),
      identity: { name: 'Countersign', email: 'countersign@localhost' },
    }),
    kubernetes: createKubernetesWriter({ http: clients.kubernetes }),
  };
}

import { createAirflowReader } from '../../adapters/airflow/read.js';
import { createDeltaReader } from '../../adapters/delta/read.js';
import { createGitReader } from '../../adapters/git/read.js';
import { createKubernetesReader } from '../../adapters/kubernetes/read.js';
import { createKyuubiReader } from '../../adapters/kyuubi/read.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import { createMetricReader } from '../../adapters/prometheus/read.js';
import { createRegistryReader } from '../../adapters/schema-registry/read.js';
import { createDriverLogs, type DriverLogs, splitDriverLogAddress } from '../../adapters/spark/driver-logs.js';
import { createSparkReader } from '../../adapters/spark/read.js';
import { createQueryReader } from '../../adapters/trino/read.js';
import type { PlatformConfig } from '../config.js';
import type { PlatformReaders } from '../domain/platform-ports.js';
import type { PlatformClients } from './platform-clients.js';
import { storeLogins } from './store-logins.js';

/** What git may see of this process: where programs are and where credential helpers look, nothing of ours. */
export function gitEnvironment(config: {
  PATH?: string;
  HOME?: string;
  SSH_AUTH_SOCK?: string;
}): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Where drivers' logs are collected, when somebody does. */
function driverLogsOf(config: PlatformConfig): { driverLogs?: DriverLogs } {
  if (config.SPARK_DRIVER_LOGS === undefined) return {};
  const { store, pattern } = splitDriverLogAddress(config.SPARK_DRIVER_LOGS);
  return {
    driverLogs: createDriverLogs({
      store: createObjectStore(store, { purpose: 'driver logs', ...storeLogins(config) }),
      pattern,
    }),
  };
}

/** The read side of every system, with this role's own credentials. */
export function createPlatformReaders(config: PlatformConfig, clients: PlatformClients): PlatformReaders {
  const { TRINO_USER: user, TRINO_CATALOG: catalog, GIT_CACHE: cache } = config;
  const environment = gitEnvironment(config);
  return {
    airflow: createAirflowReader({
      http: clients.airflow,
      user: config.AIRFLOW_USER,
      password: config.AIRFLOW_PASSWORD,
      version: config.AIRFLOW_VERSION,
    }),
    spark: createSparkReader({ http: clients.spark, ...driverLogsOf(config) }),
    kubernetes: createKubernetesReader({
      http: clients.kubernetes,
      namespaces: config.KUBERNETES_NAMESPACES.split(',').map((name) => name.trim()),
    }),
    delta: createDeltaReader({
      store: createObjectStore(config.DELTA_ROOT, { purpose: 'Delta lake', ...storeLogins(config) }),
    }),
    queries: createQueryReader({ http: clients.trino, user, catalog }),
    kyuubi: createKyuubiReader({ http: clients.kyuubi }),
    registry: createRegistryReader({ http: clients.registry }),
    code: createGitReader({ repository: config.CODE_REPOSITORY, cache, environment }),
    config: createGitReader({ repository: config.CONFIG_REPOSITORY, cache, environment }),
    metrics: createMetricReader({ http: clients.prometheus }),
  };
}

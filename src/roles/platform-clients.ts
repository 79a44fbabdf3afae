import { createHttpClient } from '../../adapters/http/client.js';
import type { PlatformConfig } from '../config.js';
import type { HttpClient } from '../domain/platform-ports.js';

/** One bounded HTTP client a system, bound to the one configured address. */
export interface PlatformClients {
  airflow: HttpClient;
  spark: HttpClient;
  kubernetes: HttpClient;
  trino: HttpClient;
  kyuubi: HttpClient;
  registry: HttpClient;
  prometheus: HttpClient;
}

export function createPlatformClients(config: PlatformConfig): PlatformClients {
  const bearer = { authorization: `Bearer ${config.KUBERNETES_TOKEN}` };
  return {
    airflow: createHttpClient({ system: 'Airflow', baseUrl: config.AIRFLOW_URL }),
    // Big applications load slowly the first time they are asked for.
    spark: createHttpClient({ system: 'Spark History Server', baseUrl: config.SPARK_HISTORY_URL, timeoutMs: 30_000 }),
    kubernetes: createHttpClient({ system: 'Kubernetes', baseUrl: config.KUBERNETES_URL, headers: bearer }),
    trino: createHttpClient({ system: 'Trino', baseUrl: config.TRINO_URL }),
    kyuubi: createHttpClient({
      system: 'Kyuubi',
      baseUrl: config.KYUUBI_URL,
      headers: basic(config.KYUUBI_USER, config.KYUUBI_PASSWORD),
    }),
    registry: createHttpClient({ system: 'Schema registry', baseUrl: config.SCHEMA_REGISTRY_URL }),
    prometheus: createHttpClient({ system: 'Prometheus', baseUrl: config.PROMETHEUS_URL }),
  };
}

/** Kyuubi takes the user's name from basic authentication even where it checks no password. */
function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

import { createHttpClient, type HttpClientDeps } from '../../adapters/http/client.js';
import type { PlatformConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import type { HttpClient } from '../domain/platform-ports.js';
import { kubernetesLogin } from './kubernetes-login.js';

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
  const client = (
    system: string,
    variable: keyof PlatformConfig,
    more: Omit<HttpClientDeps, 'system' | 'baseUrl'> = {},
  ): HttpClient => {
    const baseUrl = config[variable];
    return baseUrl ? createHttpClient({ system, baseUrl, ...more }) : notConnected(system, variable);
  };
  return {
    airflow: client('Airflow', 'AIRFLOW_URL'),
    // Big applications load slowly the first time they are asked for.
    spark: client('Spark History Server', 'SPARK_HISTORY_URL', {
      timeoutMs: 30_000,
      headers: config.SPARK_HISTORY_USER ? basic(config.SPARK_HISTORY_USER, config.SPARK_HISTORY_PASSWORD ?? '') : {},
    }),
    kubernetes: client('Kubernetes', 'KUBERNETES_URL', config.KUBERNETES_URL ? kubernetesLogin(config) : {}),
    trino: client('Trino', 'TRINO_URL', {
      headers: config.TRINO_PASSWORD ? basic(config.TRINO_USER, config.TRINO_PASSWORD) : {},
    }),
    kyuubi: client('Kyuubi', 'KYUUBI_URL', { headers: basic(config.KYUUBI_USER, config.KYUUBI_PASSWORD) }),
    registry: client('Schema registry', 'SCHEMA_REGISTRY_URL', {
      headers: config.SCHEMA_REGISTRY_USER
        ? basic(config.SCHEMA_REGISTRY_USER, config.SCHEMA_REGISTRY_PASSWORD ?? '')
        : {},
    }),
    prometheus: client('Prometheus', 'PROMETHEUS_URL', {
      headers: config.PROMETHEUS_USER ? basic(config.PROMETHEUS_USER, config.PROMETHEUS_PASSWORD ?? '') : {},
    }),
  };
}

/** The answer of a system that the company does not run. */
export class NotConnected extends AppError {
  constructor(system: string, variable: string) {
    super('misconfigured', { field: variable, safeText: `${system} is not connected: ${variable} is not set.` });
  }
}

function notConnected(system: string, variable: string): HttpClient {
  return { request: () => Promise.reject(new NotConnected(system, variable)) };
}

/** Kyuubi takes the user's name from basic authentication even where it checks no password. */
function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

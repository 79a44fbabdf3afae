import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalConfig, RoleName } from '../config.js';
import type { LocalSecrets } from './local-secrets.js';

/** Addresses and logins of the simulated platform, as its process reports them. */
export interface PlatformAddresses {
  addresses: {
    airflow: string;
    spark: string;
    kubernetes: string;
    kubernetesNamespaces: string;
    trino: string;
    kyuubi: string;
    registry: string;
    prometheus: string;
    control: string;
  };
  credentials: Record<'read' | 'write', PlatformLogin>;
}

interface PlatformLogin {
  airflowUser: string;
  airflowPassword: string;
  kubernetesToken: string;
  trinoUser: string;
  kyuubiUser: string;
  deltaRoot: string;
  codeRepository: string;
  configRepository: string;
}

export interface EnvironmentInput {
  config: LocalConfig;
  secrets: LocalSecrets;
  redisUrls: Record<RoleName, string>;
  vkey: string;
  platform: PlatformAddresses;
  policyFile: string;
  inventoryFile: string;
  webPort: number;
}

/**
 * The environment of each role process, and nothing more than the role may know; written to `env/<role>.json` in the data folder
 * so that `countersign doctor` and `start --role` can use it again.
 */
export function roleEnvironments(input: EnvironmentInput): Record<RoleName, NodeJS.ProcessEnv> {
  const { config, secrets } = input;
  const common = (role: RoleName): NodeJS.ProcessEnv => ({
    ...config.inherited,
    REDIS_URL: input.redisUrls[role],
    COUNTERSIGN_LOG_LEVEL: config.logLevel,
    COUNTERSIGN_LOG_VKEY: input.vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: String(config.allowWeakRedis),
  });
  const rules = { COUNTERSIGN_POLICY: input.policyFile, COUNTERSIGN_INVENTORY: input.inventoryFile };
  const environments: Record<RoleName, NodeJS.ProcessEnv> = {
    web: {
      ...common('web'),
      ...rules,
      COUNTERSIGN_WEB_PORT: String(input.webPort),
      COUNTERSIGN_WEB_NOTICE: 'The data platform behind this page is simulated. Nothing here leaves this machine.',
      COUNTERSIGN_DECISION_KEY: secrets.decisionKeyFile,
      COUNTERSIGN_INTAKE_AUTH: secrets.intakeAuthFile,
      COUNTERSIGN_COOKIE_SECRET: secrets.cookieSecret,
      COUNTERSIGN_REDACTION_KEY: secrets.redactionKey,
    },
    investigator: {
      ...common('investigator'),
      ...rules,
      ...config.model,
      ...platformEnvironment(input, 'read', 'investigator'),
      COUNTERSIGN_REDACTION_KEY: secrets.redactionKey,
    },
    repairer: {
      ...common('repairer'),
      ...rules,
      ...platformEnvironment(input, 'write', 'repairer'),
      COUNTERSIGN_DECISION_KEYS: secrets.decisionKeysFile,
    },
    sealer: {
      ...common('sealer'),
      COUNTERSIGN_LOG_KEY: secrets.logKeyFile,
      COUNTERSIGN_ARCHIVE: join(config.dataDir, 'archive'),
    },
  };
  keep(config.dataDir, environments);
  return environments;
}

function platformEnvironment(input: EnvironmentInput, rights: 'read' | 'write', role: RoleName): NodeJS.ProcessEnv {
  const { addresses, credentials } = input.platform;
  const login = credentials[rights];
  return {
    AIRFLOW_URL: addresses.airflow,
    AIRFLOW_USER: login.airflowUser,
    AIRFLOW_PASSWORD: login.airflowPassword,
    SPARK_HISTORY_URL: addresses.spark,
    KUBERNETES_URL: addresses.kubernetes,
    KUBERNETES_TOKEN: login.kubernetesToken,
    KUBERNETES_NAMESPACES: addresses.kubernetesNamespaces,
    TRINO_URL: addresses.trino,
    TRINO_USER: login.trinoUser,
    KYUUBI_URL: addresses.kyuubi,
    KYUUBI_USER: login.kyuubiUser,
    SCHEMA_REGISTRY_URL: addresses.registry,
    PROMETHEUS_URL: addresses.prometheus,
    DELTA_ROOT: login.deltaRoot,
    CODE_REPOSITORY: login.codeRepository,
    CONFIG_REPOSITORY: login.configRepository,
    GIT_CACHE: join(input.config.dataDir, 'git', role),
  };
}

function keep(dataDir: string, environments: Record<RoleName, NodeJS.ProcessEnv>): void {
  const folder = join(dataDir, 'env');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [role, environment] of Object.entries(environments)) {
    writeFileSync(join(folder, `${role}.json`), JSON.stringify(environment, null, 2), { mode: 0o600 });
  }
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalConfig, RoleName } from '../config.js';
import type { LocalPlatform } from './local-platform.js';
import type { LocalSecrets } from './local-secrets.js';

export interface EnvironmentInput {
  config: LocalConfig;
  secrets: LocalSecrets;
  redisUrls: Record<RoleName, string>;
  vkey: string;
  platform: LocalPlatform;
  policyFile: string;
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
  const rules = { COUNTERSIGN_POLICY: input.policyFile, COUNTERSIGN_INVENTORY: input.platform.inventoryFile };
  const environments: Record<RoleName, NodeJS.ProcessEnv> = {
    web: {
      ...common('web'),
      ...rules,
      ...config.chats,
      COUNTERSIGN_WEB_PORT: String(input.webPort),
      ...(input.platform.notice === undefined ? {} : { COUNTERSIGN_WEB_NOTICE: input.platform.notice }),
      COUNTERSIGN_DECISION_KEY: secrets.decisionKeyFile,
      COUNTERSIGN_INTAKE_AUTH: secrets.intakeAuthFile,
      COUNTERSIGN_COOKIE_SECRET: secrets.cookieSecret,
      COUNTERSIGN_REDACTION_KEY: secrets.redactionKey,
    },
    investigator: {
      ...common('investigator'),
      ...rules,
      ...config.model,
      ...input.platform.read,
      GIT_CACHE: join(config.dataDir, 'git', 'investigator'),
      COUNTERSIGN_REDACTION_KEY: secrets.redactionKey,
    },
    repairer: {
      ...common('repairer'),
      ...rules,
      ...input.platform.write,
      GIT_CACHE: join(config.dataDir, 'git', 'repairer'),
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

function keep(dataDir: string, environments: Record<RoleName, NodeJS.ProcessEnv>): void {
  const folder = join(dataDir, 'env');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [role, environment] of Object.entries(environments)) {
    writeFileSync(join(folder, `${role}.json`), JSON.stringify(environment, null, 2), { mode: 0o600 });
  }
}

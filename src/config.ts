import { existsSync } from 'node:fs';
import { z } from 'zod';
import { CHATS, connectsSlack, connectsTeams, Slack, Teams } from './config-chats.js';
import { AppError } from './domain/errors.js';

/** The only reader of process.env. Each role has its own schema: what a role must not know is not in it. */

const Url = z.url({ protocol: /^https?$/ });
const FilePath = z.string().min(1);

const Common = {
  /** Redis of this role: with the role's own ACL user. */
  REDIS_URL: z.url({ protocol: /^(rediss?|unix)$/ }),
  COUNTERSIGN_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  /** The log's public key, as a C2SP verifier key. */
  COUNTERSIGN_LOG_VKEY: z.string().min(1),
  /** `true`: start although Redis is set up less strictly than needed (managed Redis); the reason is logged. */
  COUNTERSIGN_ALLOW_WEAK_REDIS: z.stringbool().default(false),
};

const Platform = {
  AIRFLOW_URL: Url,
  AIRFLOW_VERSION: z.enum(['2', '3']).default('3'),
  AIRFLOW_USER: z.string().min(1),
  AIRFLOW_PASSWORD: z.string().min(1),
  /** From here on a system that you do not run is left out: its tools say that it is not connected. */
  SPARK_HISTORY_URL: Url.optional(),
  /** Where a gateway (Knox, a proxy) before the History Server asks for a login; the server itself has none. */
  SPARK_HISTORY_USER: z.string().optional(),
  SPARK_HISTORY_PASSWORD: z.string().optional(),
  /** Folder, `s3://`, `abfss://` or blob address where drivers' logs are collected; `{app}` stands for the application's id. */
  SPARK_DRIVER_LOGS: z.string().min(1).optional(),
  KUBERNETES_URL: Url.optional(),
  KUBERNETES_TOKEN: z.string().default(''),
  /** Instead of the token: a file that holds it, read anew as a projected token is renewed. */
  KUBERNETES_TOKEN_FILE: FilePath.optional(),
  /** Certificate (PEM) of the cluster's own authority. */
  KUBERNETES_CA: FilePath.optional(),
  KUBERNETES_NAMESPACES: z.string().default('default'),
  TRINO_URL: Url.optional(),
  TRINO_USER: z.string().default(''),
  /** Sent as basic authentication; Trino takes it over https only, so it is refused with another address. */
  TRINO_PASSWORD: z.string().optional(),
  TRINO_CATALOG: z.string().default('delta'),
  KYUUBI_URL: Url.optional(),
  KYUUBI_USER: z.string().default(''),
  KYUUBI_PASSWORD: z.string().default(''),
  SCHEMA_REGISTRY_URL: Url.optional(),
  /** Basic authentication, where the registry or the proxy before it asks for it; at Confluent Cloud the API key and its secret. */
  SCHEMA_REGISTRY_USER: z.string().optional(),
  SCHEMA_REGISTRY_PASSWORD: z.string().optional(),
  PROMETHEUS_URL: Url.optional(),
  /** Where Prometheus asks for a login (`basic_auth_users`). */
  PROMETHEUS_USER: z.string().optional(),
  PROMETHEUS_PASSWORD: z.string().optional(),
  /** Under which `schema/table/_delta_log` lies: a folder, `s3://bucket/prefix`, `abfss://container@account.dfs.core.windows.net/prefix` or a blob address. */
  DELTA_ROOT: FilePath,
  /** Another server than Amazon's that speaks S3; for driver logs, too. */
  DELTA_S3_ENDPOINT: Url.optional(),
  DELTA_S3_REGION: z.string().min(1).optional(),
  /** Without a key: what the SDK finds in shared files, web identity or the machine's role. */
  AWS_ACCESS_KEY_ID: z.string().min(1).optional(),
  AWS_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  AWS_SESSION_TOKEN: z.string().min(1).optional(),
  /** Another server than Microsoft's that speaks the blob API, with the account in its path where it wants it so. */
  DELTA_AZURE_ENDPOINT: Url.optional(),
  /** Without one of these: workload identity, managed identity or the signed-in developer. */
  AZURE_STORAGE_SAS_TOKEN: z.string().min(1).optional(),
  AZURE_STORAGE_KEY: z.string().min(1).optional(),
  CODE_REPOSITORY: z.string().min(1),
  CONFIG_REPOSITORY: z.string().min(1),
  /** Folder for this role's clones. */
  GIT_CACHE: FilePath,
  /** What git may see of the environment. */
  PATH: z.string().optional(),
  HOME: z.string().optional(),
  SSH_AUTH_SOCK: z.string().optional(),
};

/** A connected engine is asked in somebody's name. */
const NAMED: readonly ['TRINO_URL' | 'KYUUBI_URL', 'TRINO_USER' | 'KYUUBI_USER'][] = [
  ['TRINO_URL', 'TRINO_USER'],
  ['KYUUBI_URL', 'KYUUBI_USER'],
];
type Logins = Partial<Record<(typeof NAMED)[number][number] | 'TRINO_PASSWORD', string | undefined>>;
function namesUsers(env: Logins, context: z.RefinementCtx): void {
  if (env.TRINO_PASSWORD && !env.TRINO_URL?.startsWith('https:')) {
    context.addIssue({
      code: 'custom',
      path: ['TRINO_PASSWORD'],
      message: 'TRINO_PASSWORD needs a TRINO_URL with https',
    });
  }
  for (const [url, user] of NAMED) {
    if (env[url] && !env[user]) context.addIssue({ code: 'custom', path: [user], message: `${url} needs ${user}` });
  }
}

const WebConfig = z
  .object({
    ...Common,
    ...Slack,
    ...Teams,
    COUNTERSIGN_POLICY: FilePath,
    COUNTERSIGN_INVENTORY: FilePath,
    COUNTERSIGN_WEB_HOST: z.string().default('127.0.0.1'),
    COUNTERSIGN_WEB_PORT: z.coerce.number().int().min(0).max(65535).default(4580),
    /** Host names (without port) that the page answers to. */
    COUNTERSIGN_WEB_ALLOWED_HOSTS: z.string().default('127.0.0.1,localhost'),
    /** A line on every page, e.g. that the platform behind it is simulated. */
    COUNTERSIGN_WEB_NOTICE: z.string().max(300).optional(),
    /** `true` behind TLS: cookies are Secure. */
    COUNTERSIGN_WEB_HTTPS: z.stringbool().default(false),
    /** Named tokens (JSON: token -> person). Required when the host is not loopback. */
    COUNTERSIGN_WEB_TOKENS: FilePath.optional(),
    /** Ed25519 private key (PEM) that signs decisions. */
    COUNTERSIGN_DECISION_KEY: FilePath,
    /** How each alert source authenticates (JSON). A source that is not listed is refused. */
    COUNTERSIGN_INTAKE_AUTH: FilePath,
    COUNTERSIGN_COOKIE_SECRET: z.string().min(32),
    COUNTERSIGN_REDACTION_KEY: z.string().min(16),
  })
  .superRefine(connectsSlack)
  .superRefine(connectsTeams);

const InvestigatorConfig = z
  .object({
    ...Common,
    ...Platform,
    COUNTERSIGN_POLICY: FilePath,
    COUNTERSIGN_INVENTORY: FilePath,
    COUNTERSIGN_REASONER: z.enum(['playbook', 'openai']).default('playbook'),
    COUNTERSIGN_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(4),
    COUNTERSIGN_REDACTION_KEY: z.string().min(16),
    OPENAI_BASE_URL: Url.optional(),
    OPENAI_API_KEY: z.string().optional(),
    OPENAI_MODEL: z.string().optional(),
    /** Price table (JSON); the one that ships with Countersign when unset. */
    COUNTERSIGN_PRICES: FilePath.optional(),
    /** A folder of the operator's own procedures: they come before the shipped ones, or replace them by id. */
    COUNTERSIGN_PLAYBOOK_DIR: FilePath.optional(),
  })
  .superRefine(namesUsers)
  .refine((env) => env.COUNTERSIGN_REASONER !== 'openai' || (env.OPENAI_API_KEY && env.OPENAI_MODEL), {
    path: ['OPENAI_MODEL'],
    message: 'COUNTERSIGN_REASONER=openai needs OPENAI_API_KEY and OPENAI_MODEL',
  });

const RepairerConfig = z
  .object({
    ...Common,
    ...Platform,
    COUNTERSIGN_POLICY: FilePath,
    COUNTERSIGN_INVENTORY: FilePath,
    /** Public keys of decision signers (JSON: key id -> PEM). */
    COUNTERSIGN_DECISION_KEYS: FilePath,
  })
  .superRefine(namesUsers);

const SealerConfig = z.object({
  ...Common,
  /** Ed25519 private key of the log. */
  COUNTERSIGN_LOG_KEY: FilePath,
  /** Folder outside Redis that receives every signed checkpoint. */
  COUNTERSIGN_ARCHIVE: FilePath,
});

const CONFIGS = { web: WebConfig, investigator: InvestigatorConfig, repairer: RepairerConfig, sealer: SealerConfig };
export type RoleName = keyof typeof CONFIGS;
export type WebConfig = z.infer<typeof WebConfig>;
export type InvestigatorConfig = z.infer<typeof InvestigatorConfig>;
export type RepairerConfig = z.infer<typeof RepairerConfig>;
export type SealerConfig = z.infer<typeof SealerConfig>;
export type PlatformConfig = Pick<InvestigatorConfig, keyof typeof Platform>;

/** The platform's variables alone, for who reads a platform and is no role. @throws AppError `misconfigured` naming the variables. */
export function readPlatformConfig(env: NodeJS.ProcessEnv): PlatformConfig {
  const result = z.object(Platform).safeParse(env);
  if (result.success) return result.data;
  const names = result.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new AppError('misconfigured', { field: names, safeText: `The platform is not configured: ${names}.` });
}

/** The environment of one role. @throws AppError `misconfigured` naming every variable at fault and nothing of their values. */
export function readConfig<R extends RoleName>(
  role: R,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<(typeof CONFIGS)[R]> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = CONFIGS[role].safeParse(given);
  if (result.success) return result.data as z.infer<(typeof CONFIGS)[R]>;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new AppError('misconfigured', {
    field: result.error.issues[0]?.path.join('.') ?? '',
    safeText: `Role ${role} is not configured: ${faults.join('; ')}. See .env.example.`,
  });
}

/** What `countersign start`, `demo` and the other commands read when they run everything on one machine. */
export interface LocalConfig {
  redisUrl: string | undefined;
  allowWeakRedis: boolean;
  dataDir: string;
  /** Another policy than the one of the platform or the package. */
  policyFile: string | undefined;
  webPort: number;
  logLevel: string;
  color: boolean;
  /** Handed to the role processes: PATH and the like, never a secret of another role. */
  inherited: NodeJS.ProcessEnv;
  /** Settings of the model, for the investigator alone. */
  model: NodeJS.ProcessEnv;
  /** Settings of the chats, for the web role alone. */
  chats: NodeJS.ProcessEnv;
}

const INHERITED = ['PATH', 'HOME', 'SSH_AUTH_SOCK', 'TMPDIR', 'LANG', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'TZ'];
const MODEL = [
  'COUNTERSIGN_REASONER',
  'COUNTERSIGN_PLAYBOOK_DIR',
  'OPENAI_BASE_URL',
  'OPENAI_API_KEY',
  'OPENAI_MODEL',
  'COUNTERSIGN_PRICES',
];

export function readLocalConfig(env: NodeJS.ProcessEnv = process.env): LocalConfig {
  const pick = (names: readonly string[]): NodeJS.ProcessEnv =>
    Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  return {
    redisUrl: env['REDIS_URL'] || undefined,
    allowWeakRedis: env['COUNTERSIGN_ALLOW_WEAK_REDIS'] === 'true',
    dataDir: env['COUNTERSIGN_DATA'] || 'var',
    policyFile: env['COUNTERSIGN_POLICY'] || undefined,
    webPort: portOf(env['COUNTERSIGN_WEB_PORT']),
    logLevel: env['COUNTERSIGN_LOG_LEVEL'] || 'warn',
    color: env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb',
    inherited: pick(INHERITED),
    model: pick(MODEL),
    chats: pick(CHATS),
  };
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 4580);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new AppError('misconfigured', {
    field: 'COUNTERSIGN_WEB_PORT',
    safeText: 'COUNTERSIGN_WEB_PORT must be a port number.',
  });
}

/** Loads `.env` of the working folder where there is one; variables that are set already win. */
export function loadDotEnv(path = '.env'): void {
  if (existsSync(path)) process.loadEnvFile(path);
}

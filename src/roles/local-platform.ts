import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { AppError } from '../domain/errors.js';
import type { ProcessLog } from '../log.js';
import { type Supervised, supervise } from './local-child.js';

/** The data platform that a one-machine start works on. */
export interface LocalPlatform {
  /** The platform's variables, as src/config.ts names them, with the reader's logins. */
  read: NodeJS.ProcessEnv;
  /** The same with the repairer's logins. */
  write: NodeJS.ProcessEnv;
  inventoryFile: string;
  policyFile: string | undefined;
  /** Said on every page. */
  notice: string | undefined;
  /** Where a simulated world is steered; undefined for real systems. */
  controlUrl: string | undefined;
  pid(): number | undefined;
  stop(): Promise<void>;
}

const Variables = z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.coerce.string());
const ConnectedFile = z.strictObject({
  inventory: z.string().min(1),
  policy: z.string().min(1).optional(),
  both: Variables.default({}),
  read: Variables.default({}),
  write: Variables.default({}),
});

/**
 * Your own systems, from a YAML file: `inventory`, `policy`, and the variables of .env.example under `both`, `read` and `write`.
 * Paths are relative to the file. @throws AppError `misconfigured` naming the field; also when others may read the file, for it holds logins.
 */
export function connectedPlatform(file: string): LocalPlatform {
  const refuse = (safeText: string): never => {
    throw new AppError('misconfigured', { field: file, safeText });
  };
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return refuse(`The platform file ${file} can not be read.`);
  if ((status.mode & 0o077) !== 0) {
    return refuse(`The platform file ${file} holds logins and others may read it: chmod 600 ${file}`);
  }
  const result = ConnectedFile.safeParse(yamlOf(file));
  if (!result.success) {
    const issue = result.error.issues[0];
    return refuse(`The platform file ${file} is not valid at ${issue?.path.join('.') || 'its top'}: ${issue?.message}`);
  }
  const { inventory, policy, both, read, write } = result.data;
  const beside = (path: string): string => resolve(dirname(file), path);
  return {
    read: { ...both, ...read },
    write: { ...both, ...write },
    inventoryFile: beside(inventory),
    policyFile: policy === undefined ? undefined : beside(policy),
    notice: undefined,
    controlUrl: undefined,
    pid: () => undefined,
    stop: async () => undefined,
  };
}

function yamlOf(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export interface SimulatedOptions {
  /** The scenario whose world is served; the sample when not given. */
  scenario?: string;
  /** Re-draws the ids and the noise of the world. */
  seed?: number;
  /** Simulated seconds per real second. */
  timeFactor?: number;
  /** Tool calls an incident may take, instead of the shipped policy's. */
  maxToolCalls?: number;
}

/** Addresses and logins of the simulated platform, as its process reports them. */
interface SimulatedAddresses {
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
  credentials: Record<'read' | 'write', SimulatedLogin>;
}

interface SimulatedLogin {
  airflowUser: string;
  airflowPassword: string;
  kubernetesToken: string;
  trinoUser: string;
  kyuubiUser: string;
  registryUser: string;
  registryPassword: string;
  deltaRoot: string;
  codeRepository: string;
  configRepository: string;
}

const SAMPLE = fileURLToPath(new URL('../../../fixtures/scenarios/s01.yaml', import.meta.url));

/** Starts the simulated platform as a process of its own. */
export async function simulatedPlatform(
  options: SimulatedOptions,
  surroundings: { dataDir: string; inherited: NodeJS.ProcessEnv; processLog: ProcessLog },
): Promise<LocalPlatform> {
  const { dataDir, inherited, processLog } = surroundings;
  const platform: Supervised<SimulatedAddresses> = await supervise<SimulatedAddresses>({
    name: 'The simulated data platform',
    program: '../../fixtures/platform/main.js',
    args: argumentsOf(options, dataDir),
    env: inherited,
    restart: false,
    processLog,
  });
  const controlUrl = platform.ready.addresses.control;
  return {
    read: variablesOf(platform.ready, 'read'),
    write: variablesOf(platform.ready, 'write'),
    inventoryFile: await keepInventory(controlUrl, dataDir),
    policyFile: await keepPolicy(controlUrl, dataDir, options.maxToolCalls),
    notice: 'The data platform behind this page is simulated. Nothing here leaves this machine.',
    controlUrl,
    pid: () => platform.pid(),
    stop: () => platform.stop(),
  };
}

function argumentsOf({ scenario, seed, timeFactor }: SimulatedOptions, dataDir: string): string[] {
  return [
    '--scenario',
    resolve(scenario ?? SAMPLE),
    '--dir',
    join(dataDir, 'platform'),
    ...(timeFactor === undefined ? [] : ['--time-factor', String(timeFactor)]),
    ...(seed === undefined ? [] : ['--seed', String(seed)]),
  ];
}

function variablesOf({ addresses, credentials }: SimulatedAddresses, rights: 'read' | 'write'): NodeJS.ProcessEnv {
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
    SCHEMA_REGISTRY_USER: login.registryUser,
    SCHEMA_REGISTRY_PASSWORD: login.registryPassword,
    PROMETHEUS_URL: addresses.prometheus,
    DELTA_ROOT: login.deltaRoot,
    CODE_REPOSITORY: login.codeRepository,
    CONFIG_REPOSITORY: login.configRepository,
  };
}

const SHIPPED_POLICY = fileURLToPath(new URL('../../../policy.yaml', import.meta.url));
const Caps = z.strictObject({ caps: z.record(z.string(), z.number().positive()) });

/** The shipped policy with what the scenario and the caller state; undefined when they state nothing. */
async function keepPolicy(
  controlUrl: string,
  dataDir: string,
  maxToolCalls: number | undefined,
): Promise<string | undefined> {
  const response = await fetch(new URL('/control/caps', controlUrl));
  const { caps } = Caps.parse(await response.json());
  if (maxToolCalls === undefined && Object.keys(caps).length === 0) return undefined;
  const policy = parseDocument(readFileSync(SHIPPED_POLICY, 'utf8'));
  for (const [path, cap] of Object.entries(caps)) policy.setIn(['caps', path], cap);
  if (maxToolCalls !== undefined) policy.setIn(['agent', 'maxToolCalls'], maxToolCalls);
  const file = join(dataDir, 'policy.yaml');
  writeFileSync(file, policy.toString(), { mode: 0o600 });
  return file;
}

async function keepInventory(controlUrl: string, dataDir: string): Promise<string> {
  const file = join(dataDir, 'inventory.yaml');
  const response = await fetch(new URL('/control/inventory', controlUrl));
  // JSON is YAML: the same reader serves a hand-written inventory.
  writeFileSync(file, await response.text(), { mode: 0o600 });
  return file;
}

import { mayWrite as airflowRights } from '../../adapters/airflow/rights.js';
import { mayWrite as deltaRights } from '../../adapters/delta/rights.js';
import { mayWrite as gitRights } from '../../adapters/git/rights.js';
import { mayWrite as kubernetesRights } from '../../adapters/kubernetes/rights.js';
import { mayWrite as kyuubiRights } from '../../adapters/kyuubi/rights.js';
import { mayWrite as prometheusRights } from '../../adapters/prometheus/rights.js';
import { mayWrite as registryRights } from '../../adapters/schema-registry/rights.js';
import { mayWrite as trinoRights } from '../../adapters/trino/rights.js';
import type { PlatformConfig } from '../config.js';
import { asAppError } from '../domain/errors.js';
import type { WriteRight } from '../domain/rights.js';
import type { PlatformClients } from './platform-clients.js';
import { gitEnvironment } from './platform-readers.js';
import type { DoctorLine } from './role-process.js';
import { readInventory } from './rules-files.js';

/** What a role's login must be: unable to change the system, able to, or neither matters. */
type Wanted = 'refused' | 'allowed' | 'either';
interface Probe {
  check: string;
  /** For the repairer; of every other role the login must be refused. */
  repairer: Wanted;
  /** Set where the system is not connected at all: then nothing is asked. */
  connected: boolean;
  ask(): Promise<WriteRight>;
}

type RightsConfig = PlatformConfig & { COUNTERSIGN_INVENTORY: string };

/**
 * Whether each login can do just what its role needs: one that could write where it should only read fails, and so does the
 * repairer's that could not. Asked without changing anything; what can not be found out is said and fails nothing.
 */
export async function rightsChecks(
  role: 'investigator' | 'repairer',
  config: RightsConfig,
  clients: PlatformClients,
): Promise<DoctorLine[]> {
  const probes = probesOf(config, clients).filter(({ connected }) => connected);
  return Promise.all(probes.map((probe) => examineRights(role, probe)));
}

async function examineRights(role: 'investigator' | 'repairer', { check, repairer, ask }: Probe): Promise<DoctorLine> {
  const line = { role, check: `${check} rights` };
  try {
    const { may, words } = await ask();
    const wanted = role === 'repairer' ? repairer : 'refused';
    if (may === 'unknown') return { ...line, ok: true, detail: `not found out: ${words}` };
    if (wanted === 'either' || may === wanted) return { ...line, ok: true, detail: words };
    const needs = wanted === 'refused' ? 'this login must only read' : 'repairs need it';
    return { ...line, ok: false, detail: `${words}: ${needs}` };
  } catch (error) {
    // A system that can not be asked fails its own line already.
    return { ...line, ok: true, detail: `not found out: ${asAppError(error).safeText}` };
  }
}

function probesOf(config: RightsConfig, clients: PlatformClients): Probe[] {
  const { TRINO_USER: user, TRINO_CATALOG: catalog } = config;
  const airflow = {
    http: clients.airflow,
    user: config.AIRFLOW_USER,
    password: config.AIRFLOW_PASSWORD,
    version: config.AIRFLOW_VERSION,
  };
  const namespaces = config.KUBERNETES_NAMESPACES.split(',').map((name) => name.trim());
  const git = { cache: config.GIT_CACHE, environment: gitEnvironment(config) };
  const tables = (): string[] =>
    readInventory(config.COUNTERSIGN_INVENTORY).pipelines.flatMap(({ tasks }) => tasks.flatMap(({ writes }) => writes));
  return [
    { check: 'Airflow', repairer: 'allowed', connected: true, ask: () => airflowRights(airflow) },
    {
      check: 'Kubernetes',
      repairer: 'allowed',
      connected: config.KUBERNETES_URL !== undefined,
      ask: () => kubernetesRights({ http: clients.kubernetes, namespaces }),
    },
    {
      check: 'Trino',
      repairer: 'allowed',
      connected: config.TRINO_URL !== undefined,
      ask: async () => trinoRights({ http: clients.trino, user, catalog, tables: tables() }),
    },
    { check: 'Kyuubi', repairer: 'allowed', connected: config.KYUUBI_URL !== undefined, ask: kyuubiRights },
    {
      check: 'Schema registry',
      repairer: 'allowed',
      connected: config.SCHEMA_REGISTRY_URL !== undefined,
      ask: () => registryRights({ http: clients.registry }),
    },
    {
      check: 'Prometheus',
      repairer: 'either',
      connected: config.PROMETHEUS_URL !== undefined,
      ask: () => prometheusRights({ http: clients.prometheus }),
    },
    { check: 'Delta folder', repairer: 'either', connected: true, ask: () => deltaRights({ root: config.DELTA_ROOT }) },
    {
      check: 'Code repository',
      repairer: 'either',
      connected: true,
      ask: () => gitRights({ ...git, repository: config.CODE_REPOSITORY }),
    },
    {
      check: 'Configuration repository',
      repairer: 'allowed',
      connected: true,
      ask: () => gitRights({ ...git, repository: config.CONFIG_REPOSITORY }),
    },
  ];
}

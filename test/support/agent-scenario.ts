import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAlerts } from '../../adapters/alerts/formats.js';
import { createRedactor } from '../../adapters/redaction/redactor.js';
import { alertDelivery } from '../../fixtures/platform/alert-delivery.js';
import { judgePlan } from '../../fixtures/platform/oracle.js';
import type { Plan } from '../../fixtures/platform/plan.js';
import { answerKey } from '../../fixtures/platform/scenario-set.js';
import { foldIncident, type Incident } from '../../src/domain/incident.js';
import { Policy } from '../../src/domain/policy.js';
import type { RepairAction } from '../../src/domain/proposal.js';
import { scoreRisk } from '../../src/domain/risk.js';
import { isGrounded, isStrict } from '../../src/evaluate/diagnosis-score.js';
import type { OracleVerdict, ScenarioKey, ToolCallRecord } from '../../src/evaluate/model.js';
import { createIntake } from '../../src/intake/intake.js';
import { createOpenIncidents } from '../../src/intake/open-incidents.js';
import { createInvestigation } from '../../src/investigate/investigation.js';
import type { Reasoner } from '../../src/investigate/reasoner.js';
import { createProcessLog } from '../../src/log.js';
import { createPlatformClients } from '../../src/roles/platform-clients.js';
import { createPlatformReaders } from '../../src/roles/platform-readers.js';
import { createToolCatalog } from '../../tools/registry.js';
import { createMemorySpending } from './agent-case.js';
import { createMemoryLog, createMemoryObservations } from './memory-log.js';
import { startPlatform, startPlatformOf, type TestPlatform } from './platform.js';

/** What an investigation of a scenario came to, with the key that only the test holds. */
export interface ScenarioRun {
  incident: Incident;
  calls: ToolCallRecord[];
  key: ScenarioKey;
  strict: boolean;
  grounded: boolean;
  /** The world's own verdict on the plan, carried out in a fresh copy of it. */
  verdict: OracleVerdict;
  /** What the investigation itself changed in the world. Must be nothing. */
  changes: unknown[];
}

/**
 * One scenario through the real intake, tools and adapters against the simulated platform; only Redis is replaced. The plan is
 * judged by carrying it out in the scenario's world. `scenario` is a name such as `s01`, or the text of a scenario.
 */
export async function investigateScenario(
  scenario: string,
  reasoner: Reasoner,
  options: { seed?: number; fallback?: Reasoner } = {},
): Promise<ScenarioRun> {
  const seed = options.seed ?? 1;
  const platform = scenario.includes('\n')
    ? await startPlatformOf(scenario, { seed })
    : await startPlatform(scenario, { seed });
  const dir = mkdtempSync(join(tmpdir(), 'agent-scenario-'));
  try {
    return await investigateIn(platform, dir, reasoner, options.fallback ?? reasoner);
  } finally {
    await platform.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function investigateIn(
  platform: TestPlatform,
  dir: string,
  reasoner: Reasoner,
  fallback: Reasoner,
): Promise<ScenarioRun> {
  const { engine } = platform;
  const clock = { now: () => new Date(engine.now()) };
  const log = createMemoryLog(clock);
  const observations = createMemoryObservations();
  const inventory = engine.inventory();
  const policy = policyFor(engine.scenario.world.config);
  const redactor = createRedactor({ secret: 'a secret of the tests' });
  const processLog = createProcessLog('test', 'silent');
  const readers = readersOf(platform, dir);
  const intake = createIntake({ log, open: createOpenIncidents(), inventory, redactor, clock, processLog });
  const { source, payload } = alertDelivery(engine);
  const [alert] = parseAlerts(source, payload, clock.now());
  if (alert === undefined) throw new Error('the scenario delivers no alert');
  const { incident: id = '' } = await intake.accept(alert);
  const investigation = createInvestigation({
    ...{ log, observations, reasoner, fallback, policy, inventory, scoreRisk, clock, processLog },
    spending: createMemorySpending(),
    catalogFor: (incident) =>
      createToolCatalog({ readers, inventory, policy, redactor, scope: incident.id, now: clock.now, timeoutMs: 4_000 }),
  });
  await investigation.run(id, new AbortController().signal);
  const incident = foldIncident(await log.read(id));
  if (incident === undefined) throw new Error('the incident is gone');
  return scored(platform, incident, observations.get);
}

async function scored(
  platform: TestPlatform,
  incident: Incident,
  observation: (digest: string) => Promise<string | undefined>,
): Promise<ScenarioRun> {
  const key = answerKey(platform.engine.scenario);
  const calls = await Promise.all(
    incident.calls.map(async ({ call, answer }): Promise<ToolCallRecord> => {
      const text = (await observation(answer?.observation ?? '')) ?? '';
      return { callId: call.callId, tool: call.tool, args: call.args, status: answer?.status ?? 'error', text };
    }),
  );
  const repairs: RepairAction[] = incident.proposals.at(-1)?.proposal.steps.map((step) => step.action) ?? [];
  const ending = repairs.length > 0 ? 'repair' : incident.status === 'closed' ? 'none' : 'escalate';
  const team = incident.owner ?? '';
  const plan: Plan =
    ending === 'repair'
      ? repairs
      : [ending === 'none' ? { do: 'none', reason: '' } : { do: 'escalate', team, reason: '' }];
  const verdict = judgePlan(platform.engine.scenario, plan, platform.engine.seed);
  const { diagnosis } = incident;
  return {
    incident,
    calls,
    key,
    strict: isStrict(key, diagnosis),
    grounded: isGrounded(key, diagnosis, calls),
    verdict,
    changes: platform.engine.changes().filter((change) => change.cause === 'repair'),
  };
}

/** The caps of the scenario's own policy; 32 for memory where it states none. */
function policyFor(config: Readonly<Record<string, { cap?: number | undefined }>>): Policy {
  const caps = Object.fromEntries(
    Object.entries(config).flatMap(([path, { cap = /mem/.test(path) ? 32 : undefined }]) =>
      cap === undefined ? [] : [[path, cap]],
    ),
  );
  return Policy.parse({ version: 1, caps });
}

function readersOf(platform: TestPlatform, dir: string): ReturnType<typeof createPlatformReaders> {
  const { addresses, credentials } = platform;
  const login = credentials.read;
  const config = {
    AIRFLOW_URL: addresses.airflow,
    AIRFLOW_VERSION: '3' as const,
    AIRFLOW_USER: login.airflowUser,
    AIRFLOW_PASSWORD: login.airflowPassword,
    SPARK_HISTORY_URL: addresses.spark,
    KUBERNETES_URL: addresses.kubernetes,
    KUBERNETES_TOKEN: login.kubernetesToken,
    KUBERNETES_NAMESPACES: 'spark-jobs',
    TRINO_URL: addresses.trino,
    TRINO_USER: login.trinoUser,
    TRINO_CATALOG: 'lake',
    KYUUBI_URL: addresses.kyuubi,
    KYUUBI_USER: login.kyuubiUser,
    KYUUBI_PASSWORD: '',
    SCHEMA_REGISTRY_URL: addresses.registry,
    PROMETHEUS_URL: addresses.prometheus,
    DELTA_ROOT: login.deltaRoot,
    CODE_REPOSITORY: addresses.codeRepository,
    CONFIG_REPOSITORY: addresses.configRepository,
    GIT_CACHE: join(dir, 'git'),
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
  };
  return createPlatformReaders(config, createPlatformClients(config));
}

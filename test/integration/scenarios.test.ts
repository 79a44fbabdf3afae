import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRedactor } from '../../adapters/redaction/redactor.js';
import { type Plan, repairsOf } from '../../fixtures/platform/plan.js';
import { answerKey, loadScenarios, type NamedScenario } from '../../fixtures/platform/scenario-set.js';
import type { PlatformConfig } from '../../src/config.js';
import type { PlatformReaders, PlatformWriters, TableChange } from '../../src/domain/platform-ports.js';
import { Policy } from '../../src/domain/policy.js';
import type { RepairAction } from '../../src/domain/proposal.js';
import { missingEvidence, parseEvidence } from '../../src/evaluate/failure-class.js';
import { OracleVerdict, type ToolCallRecord } from '../../src/evaluate/model.js';
import { createPlatformClients } from '../../src/roles/platform-clients.js';
import { createPlatformReaders } from '../../src/roles/platform-readers.js';
import { createPlatformWriters } from '../../src/roles/repairer-writers.js';
import { createToolCatalog } from '../../tools/registry.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';

/** The shipped incidents over HTTP: what the engine's oracle promises must hold for the production adapters and tools too. */
const all = loadScenarios('fixtures/scenarios');
let folder: string;
let platform: TestPlatform;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scenarios-'));
});
afterEach(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

function configOf(rights: 'read' | 'write'): PlatformConfig {
  const { addresses, credentials } = platform;
  const login = credentials[rights];
  return {
    AIRFLOW_URL: addresses.airflow,
    AIRFLOW_VERSION: '3',
    AIRFLOW_USER: login.airflowUser,
    AIRFLOW_PASSWORD: login.airflowPassword,
    SPARK_HISTORY_URL: addresses.spark,
    KUBERNETES_URL: addresses.kubernetes,
    KUBERNETES_TOKEN: login.kubernetesToken,
    KUBERNETES_NAMESPACES: 'spark-jobs',
    TRINO_URL: addresses.trino,
    TRINO_USER: login.trinoUser,
    TRINO_CATALOG: 'delta',
    KYUUBI_URL: addresses.kyuubi,
    KYUUBI_USER: login.kyuubiUser,
    KYUUBI_PASSWORD: '',
    SCHEMA_REGISTRY_URL: addresses.registry,
    PROMETHEUS_URL: addresses.prometheus,
    DELTA_ROOT: addresses.deltaRoot,
    CODE_REPOSITORY: addresses.codeRepository,
    CONFIG_REPOSITORY: addresses.configRepository,
    GIT_CACHE: join(folder, 'git'),
    ...(process.env['PATH'] === undefined ? {} : { PATH: process.env['PATH'] }),
  };
}

const readersOf = (): PlatformReaders =>
  createPlatformReaders(configOf('read'), createPlatformClients(configOf('read')));
const writersOf = (): PlatformWriters =>
  createPlatformWriters(configOf('write'), createPlatformClients(configOf('write')));

/** The argument under which each tool takes what an answer key names. */
const ARGUMENT: Record<string, string> = {
  airflow_dag_status: 'dag_id',
  spark_job_logs: 'app',
  delta_history: 'table',
  kyuubi_query_plan: 'query',
  schema_registry_diff: 'source',
  git_blame: 'file',
  metric_query: 'expr',
};

/** The ways to ask for what a member names: as it stands, and more closely, as a responder would go on. */
function questions(member: string): Record<string, unknown>[] {
  const wanted = parseEvidence(member);
  if (!wanted) throw new Error(`not evidence: ${member}`);
  const { tool, arg, field } = wanted;
  const plain = { [ARGUMENT[tool] ?? '']: arg };
  if (tool === 'git_blame' && field !== undefined) return [plain, { ...plain, lines: field }];
  if (tool !== 'airflow_dag_status') return [plain];
  const { tasks = {}, runs = {} } = platform.engine.world().airflow[arg] ?? {};
  const [newest] = Object.keys(runs).slice(-1);
  return [plain, ...Object.keys(tasks).map((task_id) => ({ ...plain, task_id, ...(newest && { run_id: newest }) }))];
}

async function ask(readers: PlatformReaders, member: string, args: Record<string, unknown>): Promise<ToolCallRecord> {
  const tool = parseEvidence(member)?.tool ?? '';
  const catalog = createToolCatalog({
    readers,
    inventory: platform.engine.inventory(),
    policy: Policy.parse({ version: 1 }),
    redactor: createRedactor({ secret: 'k'.repeat(32) }),
    scope: 'INC-1',
    now: () => new Date(platform.engine.now()),
  });
  const { status, text } = await catalog.call(tool, args, AbortSignal.timeout(15_000));
  return { callId: member, tool, args, status, text };
}

async function unfinished(readers: PlatformReaders, action: RepairAction & { do: 'retry' }): Promise<string[]> {
  if (action.tasks !== 'failed') return action.tasks;
  const tasks = await readers.airflow.tasks(action.dag, action.run);
  return tasks.filter((task) => task.state === 'failed' || task.state === 'upstream_failed').map((task) => task.task);
}

function renderable(writers: PlatformWriters, change: TableChange): 'tables' | 'sparkTables' {
  try {
    writers.tables.render(change);
    return 'tables';
  } catch {
    return 'sparkTables';
  }
}

async function setInFile(
  writers: PlatformWriters,
  readers: PlatformReaders,
  target: string,
  value: unknown,
  key: string,
): Promise<void> {
  // As the repair tool does, which shares the clone: what was committed a moment ago is read again.
  await writers.config.findByKey(key);
  const found = platform.engine.inventory().configTargets.find((item) => item.path === target);
  const held = platform.engine.world().config[target]?.value;
  const content = await readers.config.file(found?.file ?? '');
  const changed = content?.replace(`${found?.key}: ${held}`, `${found?.key}: ${value}`);
  if (!found || changed === undefined || changed === content) throw new Error(`cannot set ${target}`);
  await writers.config.commit({ message: `Set ${target}`, key, files: [{ path: found.file, content: changed }] });
}

async function carryOut(
  writers: PlatformWriters,
  readers: PlatformReaders,
  action: RepairAction,
  key: string,
): Promise<void> {
  if (action.do === 'retry') {
    if (action.not_before_minutes > 0)
      await platform.control('POST', '/control/advance', { minutes: action.not_before_minutes });
    for (const task of action.mark_success) await writers.airflow.markSuccess(action.dag, action.run, task);
    await writers.airflow.annotate(action.dag, action.run, `Countersign ${key}`);
    // Behind a task that was marked Airflow may go on by itself: then nothing is left to clear.
    const left = await unfinished(readers, action);
    if (left.length > 0) await writers.airflow.clear(action.dag, action.run, left, false);
  } else if (action.do === 'schema_evolution') {
    if (action.op === 'set_reader_schema') {
      await writers.registry.promote(action.table, Number(action.arg['version']));
      return;
    }
    const change: TableChange = { table: action.table, op: action.op, arg: action.arg };
    await writers[renderable(writers, change)].alter(change);
  } else if (action.do === 'config_rollback') {
    await setInFile(writers, readers, action.target, platform.engine.world().config[action.target]?.prev, key);
  } else {
    const live = platform.engine.inventory().configTargets.find((item) => item.path === action.target)?.resource;
    if (!live) return setInFile(writers, readers, action.target, action.value, key);
    const held = await readers.kubernetes.sparkApplication(live.namespace, live.name);
    const [first = '', last = ''] = live.field.split('.');
    const patch = { spec: { [first]: { [last]: `${action.value}g` } }, resourceVersion: held?.resourceVersion ?? '' };
    await writers.kubernetes.patchSparkApplication(live.namespace, live.name, patch, false);
  }
}

/** Plays a plan through the production writers and lets the platform's own judge look at it. */
async function judged(plan: Plan): Promise<OracleVerdict> {
  const [readers, writers] = [readersOf(), writersOf()];
  const repairs = repairsOf(plan);
  for (const [step, action] of repairs.entries()) await carryOut(writers, readers, action, `decision-1:${step}`);
  platform.sync();
  if (repairs.length > 0) await platform.control('POST', '/control/settle');
  const [first] = plan;
  const ending = first === undefined ? 'silent' : first.do === 'escalate' || first.do === 'none' ? first.do : 'repair';
  return OracleVerdict.parse(await platform.control('POST', '/control/judge', { ending, repairs }));
}

describe.each(all.map((item) => [item.name, item] as const))('%s over HTTP', (name, { scenario }: NamedScenario) => {
  it('lets the production tools fetch every piece of evidence', async () => {
    platform = await startPlatform(name, { seed: 5 });
    const readers = readersOf();
    const key = answerKey(scenario);
    for (const member of key.evidence.flat()) {
      const calls: ToolCallRecord[] = [];
      const missing = (): string[][] => missingEvidence({ ...key, evidence: [[member]] }, calls);
      for (const args of questions(member)) {
        if (calls.length > 0 && missing().length === 0) break;
        calls.push(await ask(readers, member, args));
      }
      const said = calls.map(({ status, text }) => `${status}: ${text.slice(0, 3000)}`).join('\n---\n');
      expect(missing(), `${member} answered ${said}`).toEqual([]);
    }
  });

  it('passes with its reference through the production writers', async () => {
    const [reference] = scenario.oracle.reference;
    platform = await startPlatform(name, { seed: 5 });
    expect((await judged(reference ?? [])).failures).toEqual([]);
  });
});

describe('a repair over HTTP that is not one', () => {
  it.each(['s00', 's01', 's04', 's05', 's06'])('%s: a retry alone does not pass', async (name) => {
    platform = await startPlatform(name, { seed: 5 });
    const plan = all.find((item) => item.name === name)?.scenario.oracle.reject[0] ?? [];
    expect(plan[0]?.do).toBe('retry');
    expect((await judged(plan)).passed).toBe(false);
  });
});

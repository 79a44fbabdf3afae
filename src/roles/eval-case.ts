import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseAlerts } from '../../adapters/alerts/formats.js';
import { createRedactor } from '../../adapters/redaction/redactor.js';
import { createToolCatalog } from '../../tools/registry.js';
import { type LocalConfig, readPlatformConfig } from '../config.js';
import type { Alert } from '../domain/alert.js';
import { policyFaults } from '../domain/approval.js';
import { shortId } from '../domain/canonical.js';
import { AppError } from '../domain/errors.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { Redactor } from '../domain/ports.js';
import type { RepairAction } from '../domain/proposal.js';
import type { ToolCatalog } from '../domain/tool.js';
import { type AnswerFault, AnswerStep, type ReadPlan } from '../evaluate/answer.js';
import { OracleVerdict, ScenarioKey } from '../evaluate/model.js';
import { createProcessLog } from '../log.js';
import { simulatedPlatform } from './local-platform.js';
import { createPlatformClients } from './platform-clients.js';
import { createPlatformReaders } from './platform-readers.js';
import { readInventory, watchPolicy } from './rules-files.js';

const POLICY = fileURLToPath(new URL('../../../policy.yaml', import.meta.url));

/** One scenario for an agent that is not our own: its platform in a process of its own, the tools on it, and the judge. */
export interface CaseWorld {
  /** SHA-256 of the scenario's file. */
  digest: string;
  file: string;
  seed: number;
  /** The answer key; must never be handed on to the agent. */
  key: ScenarioKey;
  source: string;
  payload: unknown;
  alert: Alert;
  inventory: Inventory;
  policy: Policy;
  redactor: Redactor;
  scope: string;
  catalog: ToolCatalog;
  readPlan: ReadPlan;
  /** Carries the plan out in a fresh world of the same scenario and seed. */
  replay(plan: readonly AnswerStep[]): Promise<OracleVerdict>;
  close(): Promise<void>;
}

/** Opens one scenario's world. @throws AppError when the file is no scenario; the platform's own message says why. */
export async function openCaseWorld(config: LocalConfig, scenario: string, seed: number): Promise<CaseWorld> {
  const file = resolve(scenario);
  const digest = createHash('sha256').update(textOf(file)).digest('hex');
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-case-'));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  const processLog = createProcessLog('eval', config.logLevel);
  const platform = await simulatedPlatform(
    { scenario: file, seed },
    { dataDir, inherited: config.inherited, processLog },
  ).catch((error: unknown) => {
    remove();
    throw error;
  });
  const close = async (): Promise<void> => {
    await platform.stop();
    remove();
  };
  try {
    const control = controlAt(platform.controlUrl ?? '');
    const { source, payload } = Delivery.parse(await control('/control/alert'));
    const [alert] = parseAlerts(source, payload, new Date());
    if (alert === undefined) throw new AppError('unexpected_answer', { safeText: 'The scenario delivers no alert.' });
    const inventory = readInventory(platform.inventoryFile);
    const policy = await policyOf(config.policyFile ?? platform.policyFile ?? POLICY, control);
    const redactor = createRedactor({ secret: randomBytes(32).toString('hex') });
    const scope = shortId('CASE');
    const read = readPlatformConfig({ ...config.inherited, ...platform.read, GIT_CACHE: join(dataDir, 'git-cache') });
    // The world's clock began at the alert when the world was opened, and runs on from there.
    const lag = Date.now() - Date.parse(alert.startedAt);
    return {
      ...{ digest, file, seed, source, payload, alert, inventory, policy, redactor, scope, close },
      key: ScenarioKey.parse(await control('/control/key')),
      catalog: createToolCatalog({
        ...{ inventory, policy, redactor, scope },
        readers: createPlatformReaders(read, createPlatformClients(read)),
        now: () => new Date(Date.now() - lag),
      }),
      readPlan: (steps) => planFrom(control, policy, steps),
      replay: async (plan) => OracleVerdict.parse(await control('/control/replay', { plan, seed })),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const Delivery = z.object({ source: z.enum(['airflow', 'alertmanager']), payload: z.unknown() });
const Caps = z.object({ caps: z.record(z.string(), z.number().positive()) });
const ReadPlanAnswer = z.union([
  z.object({ plan: z.array(AnswerStep) }),
  z.object({ faults: z.array(z.object({ field: z.string(), message: z.string() })) }),
]);

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('invalid_input', {
      field: '--scenario',
      safeText: `The scenario ${file} can not be read.`,
      cause,
    });
  }
}

type Control = (path: string, body?: unknown) => Promise<unknown>;

function controlAt(address: string): Control {
  return async (path, body) => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(new URL(path, address), body === undefined ? {} : post);
    // 422 is an answer too: it names the fields.
    if (response.ok || response.status === 422) return response.json();
    throw new AppError('unexpected_answer', {
      safeText: `The simulated platform's control answered ${response.status} to ${path}.`,
    });
  };
}

/** The caps of a scenario belong to its world, and its judge refuses what is above them; the rest is the policy file's. */
async function policyOf(file: string, control: Control): Promise<Policy> {
  const { policy } = watchPolicy(file)();
  const { caps } = Caps.parse(await control('/control/caps'));
  return { ...policy, caps };
}

/** A plan that the policy lets nobody approve would never be carried out: its author is told, as our own agent is told by its tools. */
async function planFrom(
  control: Control,
  policy: Policy,
  steps: readonly unknown[],
): Promise<{ plan: AnswerStep[] } | { faults: AnswerFault[] }> {
  const read = ReadPlanAnswer.parse(await control('/control/plan', steps));
  if ('faults' in read) return read;
  const faults = read.plan.flatMap((step, index) =>
    step.do === 'escalate' || step.do === 'none' ? [] : gateFaults(policy, step, index),
  );
  return faults.length > 0 ? { faults } : read;
}

function gateFaults(policy: Policy, action: RepairAction, index: number): AnswerFault[] {
  return policyFaults(policy, { steps: [{ action }] }).map((message) => ({ field: `plan.${index}`, message }));
}

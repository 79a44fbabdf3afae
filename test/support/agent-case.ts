import { z } from 'zod';
import type { Alert } from '../../src/domain/alert.js';
import { Inventory } from '../../src/domain/pipeline.js';
import { Policy } from '../../src/domain/policy.js';
import type { EventLog, SpendingLedger } from '../../src/domain/ports.js';
import type { ProposalStep } from '../../src/domain/proposal.js';
import type { ToolCatalog, ToolOutcome } from '../../src/domain/tool.js';
import {
  createInvestigation,
  type Investigation,
  type InvestigationDeps,
} from '../../src/investigate/investigation.js';
import type { Reasoner } from '../../src/investigate/reasoner.js';
import { createProcessLog } from '../../src/log.js';
import { createManualClock, createMemoryLog, createMemoryObservations } from './memory-log.js';

/** What an investigation needs around it, with tools that answer from a table instead of a platform. */

export const sampleAlert: Alert = {
  source: 'airflow',
  fingerprint: 'daily_transactions/transform/2026-03-11',
  status: 'firing',
  startedAt: '2026-03-11T02:14:00.000Z',
  receivedAt: '2026-03-11T02:14:03.000Z',
  title: 'daily_transactions.transform failed',
  text: 'Task transform of DAG daily_transactions failed (try 3/3)',
  severity: 'high',
  labels: {},
  subject: { dag: 'daily_transactions', task: 'transform', run: 'scheduled__2026-03-11' },
};

export const sampleInventory: Inventory = Inventory.parse({
  pipelines: [
    {
      dag: 'daily_transactions',
      owner: 'payments-data',
      sources: ['core_banking.transactions'],
      tasks: [
        {
          id: 'transform',
          reads: ['bronze.transactions'],
          writes: ['silver.transactions'],
          mode: 'overwrite',
          sparkApp: 'daily-transactions',
          code: 'dags/transactions/transform.py',
        },
      ],
    },
    {
      dag: 'spend_report',
      owner: 'finance-data',
      tasks: [{ id: 'report', reads: ['silver.transactions'], writes: ['gold.spend'] }],
    },
  ],
});

export const retryStep: ProposalStep = {
  action: {
    do: 'retry',
    dag: 'daily_transactions',
    run: 'scheduled__2026-03-11',
    tasks: 'failed',
    mark_success: [],
    not_before_minutes: 0,
  },
  title: 'Run transform again',
  before: 'failed',
  after: 'queued',
  effects: [],
  idempotency: 'guarded',
  restorePoint: 'none needed',
  touches: ['silver.transactions'],
  preconditions: [],
  verification: [],
};

export type Answers = Record<string, (args: Record<string, unknown>) => Partial<ToolOutcome> & { text: string }>;

/** A catalog over functions. Every call is remembered in `calls`. */
export function createTableCatalog(answers: Answers): ToolCatalog & { calls: { name: string; args: unknown }[] } {
  const calls: { name: string; args: unknown }[] = [];
  return {
    calls,
    digest: 'a'.repeat(64),
    tools: Object.keys(answers).map((name) => ({
      name,
      kind: name.startsWith('propose_') ? 'propose' : 'diagnose',
      description: `The tool ${name}.`,
      args: z.looseObject({ about: z.string().optional() }),
    })),
    async call(name, args) {
      calls.push({ name, args });
      const answer = answers[name]?.(args as Record<string, unknown>) ?? { text: 'no such tool', status: 'error' };
      return {
        status: 'ok',
        headline: answer.text.slice(0, 80),
        truncated: false,
        redactions: 0,
        flags: [],
        ...answer,
      };
    },
  };
}

/** Spending in this process. */
export function createMemorySpending(start = 0): SpendingLedger & { total: number } {
  const ledger = {
    total: start,
    async add(costUsd: number) {
      ledger.total += costUsd;
      return ledger.total;
    },
    async today() {
      return ledger.total;
    },
  };
  return ledger;
}

export async function openIncident(log: EventLog, id = 'INC-1', alert: Alert = sampleAlert): Promise<string> {
  await log.append(id, 0, [
    {
      type: 'incident.opened',
      actor: { kind: 'system', id: 'intake', role: 'web' },
      data: {
        alert,
        title: alert.title,
        severity: alert.severity,
        pipeline: alert.subject.dag,
        owner: 'payments-data',
        unknown: [],
        openedBy: 'airflow',
      },
    },
  ]);
  return id;
}

export type AgentCase = InvestigationDeps & {
  log: ReturnType<typeof createMemoryLog>;
  investigation: Investigation;
  spending: ReturnType<typeof createMemorySpending>;
};

/** A whole investigation in memory around one reasoner; anything can be replaced. */
export function createAgentCase(
  reasoner: Reasoner,
  catalog: ToolCatalog,
  changed: Partial<InvestigationDeps> = {},
): AgentCase {
  const clock = createManualClock();
  const deps = {
    log: createMemoryLog(clock),
    observations: createMemoryObservations(),
    catalogFor: () => catalog,
    reasoner,
    fallback: reasoner,
    policy: Policy.parse({ version: 1 }),
    inventory: sampleInventory,
    scoreRisk: () => ({ level: 'low' as const, reasons: ['A retry of a failed task.'] }),
    spending: createMemorySpending(),
    clock,
    processLog: createProcessLog('test', 'silent'),
    ...changed,
  };
  return { ...deps, investigation: createInvestigation(deps) } as AgentCase;
}

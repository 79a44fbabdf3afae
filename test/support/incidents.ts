import { generateDecisionKey } from '../../src/approve/seal.js';
import type { Alert } from '../../src/domain/alert.js';
import type { Click } from '../../src/domain/decision.js';
import type { NewEvent } from '../../src/domain/events.js';
import { Policy } from '../../src/domain/policy.js';
import type { EventLog, Redactor } from '../../src/domain/ports.js';
import {
  Proposal,
  type ProposalStep,
  proposalDigest,
  type RepairAction,
  type RiskLevel,
} from '../../src/domain/proposal.js';

/** Made-up incidents for tests of the gate and the repair: an alert, a diagnosis left out, one proposal waiting. */

const ALERT: Alert = {
  source: 'airflow',
  fingerprint: 'daily_transactions/transform',
  status: 'firing',
  startedAt: '2026-03-11T02:14:00.000Z',
  receivedAt: '2026-03-11T02:14:01.000Z',
  title: 'daily_transactions failed in transform',
  text: 'Task failed',
  severity: 'high',
  labels: {},
  subject: { dag: 'daily_transactions', task: 'transform' },
};

/** A step that passes the schema; what the test is about goes into `more`. */
export function testStep(action: RepairAction, more: Partial<ProposalStep> = {}): ProposalStep {
  return {
    action,
    title: 'Raise the memory of feature_export',
    before: 'memory_gi: 8',
    after: 'memory_gi: 16',
    effects: ['The application restarts'],
    idempotency: 'guarded',
    restorePoint: 'memory_gi: 8',
    touches: ['gold.features'],
    preconditions: [],
    verification: [],
    ...more,
  };
}

export const INCREASE: RepairAction = { do: 'resource_increase', target: 'feature_export.memory_gi', value: 16 };

export interface ProposalOptions {
  incident: string;
  level?: RiskLevel;
  steps?: ProposalStep[];
  expiresAt?: string;
  more?: Partial<Proposal>;
}

export function testProposal(options: ProposalOptions): Proposal {
  return Proposal.parse({
    v: 1,
    incident: options.incident,
    revision: 1,
    proposedBy: 'agent',
    steps: options.steps ?? [testStep(INCREASE)],
    why: 'The driver ran out of memory at eight gibibytes.',
    risk: { level: options.level ?? 'medium', reasons: ['One setting of one application'] },
    blastRadius: { datasets: ['gold.features'], pipelines: [] },
    expiresAt: options.expiresAt ?? '2126-01-01T00:00:00.000Z',
    ...options.more,
  });
}

/** Opens an incident in the log with this proposal awaiting a decision; answers with the digest on the card. */
export async function openWithProposal(
  log: EventLog,
  options: ProposalOptions & { openedBy?: string },
): Promise<{ incident: string; digest: string; proposal: Proposal }> {
  const proposal = testProposal(options);
  const digest = proposalDigest(proposal);
  const actor = { kind: 'agent' as const, id: 'agent', role: 'investigator' };
  const opened: NewEvent = {
    type: 'incident.opened',
    data: {
      alert: ALERT,
      title: ALERT.title,
      severity: 'high',
      unknown: [],
      openedBy: options.openedBy ?? 'alert:airflow',
    },
    actor: { kind: 'system', id: 'alert:airflow', role: 'web' },
  };
  await log.append(options.incident, 0, [opened, { type: 'proposal.made', data: { proposal, digest }, actor }]);
  return { incident: options.incident, digest, proposal };
}

export function testPolicy(more: Record<string, unknown> = {}): Policy {
  return Policy.parse({
    version: 1,
    groups: { oncall: ['ana@example.com', 'ben@example.com'] },
    approvers: {
      risk: {
        trivial: ['@oncall'],
        low: ['@oncall'],
        medium: ['@oncall', 'cleo@example.com'],
        high: ['@oncall', 'cleo@example.com'],
      },
    },
    caps: { 'feature_export.memory_gi': 32 },
    ...more,
  });
}

let gestures = 0;

/** A click with an id of its own; approvals say something by default. */
export function testClick(more: Partial<Click> & Pick<Click, 'incident' | 'shownDigest'>): Click {
  gestures += 1;
  const verdict = more.verdict ?? 'approve';
  const words = { approve: 'heap graph shows 7.9 GiB', reject: 'wrong application', modify: '' }[verdict];
  return { verdict, by: { id: 'ana@example.com', via: 'web' }, words, clickId: `gesture-${gestures}`, ...more };
}

/** Passes everything through, but for one word that stands for a secret. */
export const testRedactor: Redactor = {
  redact(text) {
    const clean = text.replaceAll('hunter2', '<SECRET>');
    return { text: clean, count: clean === text ? 0 : 1 };
  },
};

export const TEST_KEY = generateDecisionKey();

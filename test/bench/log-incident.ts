import { createSigner } from '../../src/approve/seal.js';
import type { DecisionStatement } from '../../src/domain/decision.js';
import type { EventBody } from '../../src/domain/events.js';
import { preconditionsDigest, proposalDigest } from '../../src/domain/proposal.js';
import { TEST_KEY, testProposal } from '../support/incidents.js';

const CALLS = 12;
const AT = '2026-03-11T02:14:00.000Z';
const signer = createSigner(TEST_KEY.privateKeyPem);
const zeros = '0'.repeat(64);

/** The stored lines of one incident from alert to repair; every tenth is decided on with a real signature of its own. */
export function benchIncident(number: number, index: number): string[] {
  const subject = `INC-${number}`;
  const decided = number % 10 === 0 ? repaired(subject, index + 2 + 2 * CALLS + 2) : [];
  return [opened, started, ...calls(number), ...decided].map((event, i) =>
    JSON.stringify({
      v: 1,
      id: `0195837a-0000-7000-8000-${String(number).padStart(8, '0')}${String(i).padStart(4, '0')}`,
      at: AT,
      subject,
      n: i + 1,
      actor: { kind: 'agent', id: 'agent', role: 'investigator' },
      ...event,
    }),
  );
}

const opened: EventBody = {
  type: 'incident.opened',
  data: {
    alert: {
      source: 'airflow',
      fingerprint: 'daily_transactions/transform',
      status: 'firing',
      startedAt: AT,
      receivedAt: AT,
      title: 'daily_transactions failed in transform',
      text: 'Task failed',
      severity: 'high',
      labels: { dag: 'daily_transactions' },
      subject: { dag: 'daily_transactions', task: 'transform' },
    },
    title: 'daily_transactions failed in transform',
    severity: 'high',
    unknown: [],
    openedBy: 'alert:airflow',
  },
};

const started: EventBody = {
  type: 'investigation.started',
  data: {
    attempt: 1,
    reasoner: 'playbook',
    model: 'playbook',
    promptVersion: '1',
    promptDigest: zeros,
    toolsDigest: zeros,
    maxToolCalls: CALLS,
    confidenceThreshold: 0.85,
  },
};

function calls(number: number): EventBody[] {
  return Array.from({ length: CALLS }, (_, call) => call).flatMap((call): EventBody[] => [
    {
      type: 'tool.called',
      data: {
        callId: `${number}-${call}`,
        call: call + 1,
        tool: 'schema_registry_diff',
        args: { source: 'core_banking.transactions', since: '24h' },
        thought: 'A column is missing in the transform, so first what changed upstream in the last day.',
        hypothesis: 'upstream rename',
        confidence: 0.6,
      },
    },
    {
      type: 'tool.answered',
      data: {
        callId: `${number}-${call}`,
        status: 'ok',
        observation: zeros,
        bytes: 812,
        truncated: false,
        redactions: 0,
        flags: [],
        durationMs: 41,
        headline: 'change from_version=7 to_version=8 kind=column_renamed field=merchant_subcategory',
      },
    },
  ]);
}

function repaired(incident: string, sealedAt: number): EventBody[] {
  const proposal = testProposal({ incident });
  const digest = proposalDigest(proposal);
  const decisionId = `DEC-${incident}`;
  const statement: DecisionStatement = {
    v: 1,
    decisionId,
    incident,
    revision: 1,
    proposalDigest: digest,
    preconditionsDigest: preconditionsDigest(proposal),
    verdict: 'approve',
    votes: [{ by: { id: 'ana@example.com', via: 'web' }, at: AT, check: 'schema diff matches' }],
    reason: '',
    policyDigest: zeros,
    decidedAt: AT,
  };
  return [
    { type: 'proposal.made', data: { proposal, digest } },
    { type: 'decision.recorded', data: { statement, seal: signer.sign(statement) } },
    { type: 'repair.started', data: { decisionId, digest, fence: 1, sealedAt } },
  ];
}

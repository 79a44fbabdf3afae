import {
  approvalsNeeded,
  freezeAt,
  needsCheck,
  personKey,
  policyFaults,
  rightsFault,
  selfApprovalFault,
} from '../domain/approval.js';
import type { Policy } from '../domain/policy.js';
import type { DecisionVerifier } from '../domain/ports.js';
import { preconditionsDigest, proposalDigest } from '../domain/proposal.js';
import { unbackedVote } from '../domain/sealed-votes.js';
import { type Approved, nextStep, notBefore } from './run.js';

/**
 * What shows that the decision or the proposal in the log is not what a person signed; undefined when all is as it was signed.
 * Everything is recomputed: no stored digest is believed.
 */
export function tamperFault(approved: Approved, verifier: DecisionVerifier): string | undefined {
  const { statement, seal, proposal, incident } = approved;
  if (!verifier.verify(statement, seal)) return 'the signature of the decision is not good';
  if (statement.incident !== incident.id || proposal.incident !== incident.id)
    return 'the decision was made for another incident';
  if (proposalDigest(proposal) !== statement.proposalDigest)
    return 'the proposal in the log is not the one that was approved';
  if (preconditionsDigest(proposal) !== statement.preconditionsDigest || proposal.revision !== statement.revision) {
    return 'the facts in the log are not the ones that were approved';
  }
  const unbacked = unbackedVote(statement, approved.version, verifier);
  if (unbacked !== undefined) return `the log holds no signed vote of ${unbacked.by.id}`;
  if (approved.version.dead !== undefined) return `the proposal is no longer valid: ${approved.version.dead}`;
  return undefined;
}

/** Why the approval does not count (any more) under the policy of this moment; undefined when it does. */
export function policyFault(approved: Approved, policy: Policy, now: Date): string | undefined {
  const { incident, proposal, statement } = approved;
  const { level } = proposal.risk;
  for (const vote of statement.votes) {
    const fault = rightsFault(policy, proposal, vote.by.id) ?? selfApprovalFault(incident, proposal, vote.by.id);
    if (fault !== undefined) return fault;
    if (needsCheck(level) && vote.check.trim() === '')
      return `the approval of ${vote.by.id} says nothing of what was checked`;
  }
  const people = new Set(statement.votes.map((vote) => personKey(vote.by.id))).size;
  const needed = approvalsNeeded(policy, level);
  if (people < needed) return `${needed} different people must approve ${level}-risk repairs, and ${people} did`;
  return policyFaults(policy, proposal)[0] ?? timeFault(approved, policy, now);
}

/** An approval is for now: it dies in a freeze, and when nothing could start for as long as a proposal may wait. */
function timeFault(approved: Approved, policy: Policy, now: Date): string | undefined {
  const freeze = freezeAt(policy, now);
  if (freeze !== undefined) return `there is a change freeze until ${freeze.to} (${freeze.reason})`;
  const due = notBefore(approved, nextStep(approved) ?? 0);
  if (now.getTime() - due > policy.expiryMinutes * 60_000) {
    return `it was approved at ${approved.statement.decidedAt} and could not start within ${policy.expiryMinutes} minutes`;
  }
  return undefined;
}

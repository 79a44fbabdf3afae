import { needsCheck, personKey, rightsFault, selfApprovalFault } from './approval.js';
import type { DecisionStatement } from './decision.js';
import { type Directory, withMembers } from './directory.js';
import type { EventOf } from './events.js';
import { type Incident, type ProposalVersion, proposalByDigest } from './incident.js';
import type { Policy } from './policy.js';
import type { DecisionVerifier } from './ports.js';
import { unbackedVote } from './sealed-votes.js';

/** What was known when an entry was written: rights are judged by the user groups of then, not by those of now. */
export interface Moment {
  policy?: { policy: Policy; digest: string } | undefined;
  decisions: DecisionVerifier;
  /** Sizes of all checkpoints that are known. */
  sizes: ReadonlySet<number>;
  directory: Directory | undefined;
}

/** What speaks against a decision as it was recorded, in plain words; for an approval also against each vote of it. */
export function decisionFaults(
  moment: Moment,
  incident: Incident,
  data: EventOf<'decision.recorded'>['data'],
): string[] {
  const { statement, seal } = data;
  const version = proposalByDigest(incident, statement.proposalDigest);
  const faults: string[] = [];
  if (statement.incident !== incident.id) faults.push('the decision was made for another incident');
  if (version === undefined) return [...faults, 'the decision is about a proposal that the log does not hold'];
  if (!moment.decisions.verify(statement, seal)) faults.push('the signature of the decision is not good');
  if (version.dead !== undefined) faults.push(`the proposal was no longer valid: ${version.dead}`);
  if (statement.decidedAt > version.proposal.expiresAt) faults.push('the proposal had expired');
  return statement.verdict === 'approve'
    ? [...faults, ...approvalFaults(moment, version, incident, statement)]
    : faults;
}

function approvalFaults(
  moment: Moment,
  version: ProposalVersion,
  incident: Incident,
  statement: DecisionStatement,
): string[] {
  const { proposal } = version;
  const { level } = proposal.risk;
  const faults: string[] = [];
  const people = new Set(statement.votes.map((vote) => personKey(vote.by.id)));
  const needed = level === 'high' ? Math.max(2, moment.policy?.policy.fourEyes.high ?? 2) : 1;
  if (people.size < needed)
    faults.push(`${needed} different people must approve ${level} risk, and ${people.size} did`);
  const unbacked = unbackedVote(statement, version, moment.decisions);
  if (unbacked !== undefined) faults.push(`the log holds no signed vote of ${unbacked.by.id} before it`);
  const written = moment.policy?.digest === statement.policyDigest ? moment.policy.policy : undefined;
  const policy = written && withMembers(written, moment.directory);
  for (const vote of statement.votes) {
    const own = selfApprovalFault(incident, proposal, vote.by.id);
    const rights = policy === undefined ? undefined : rightsFault(policy, proposal, vote.by.id);
    for (const fault of [own, rights]) if (fault !== undefined) faults.push(fault);
    if (needsCheck(level) && vote.check.trim() === '') faults.push(`${vote.by.id} did not say what was checked`);
  }
  return faults;
}

/** What speaks against a repair that was started at this entry: its approval, the checkpoint over that, and `fence`, the highest token so far. */
export function repairFaults(
  { sizes }: Pick<Moment, 'sizes'>,
  incident: Incident,
  data: EventOf<'repair.started'>['data'],
  index: number,
  fence: number,
): string[] {
  const { decision } = incident;
  const faults: string[] = [];
  if (decision?.statement.verdict !== 'approve' || decision.statement.decisionId !== data.decisionId) {
    faults.push('there is no earlier approval of this repair');
  } else {
    if (decision.statement.proposalDigest !== data.digest) faults.push('what was repaired is not what was approved');
    if (data.sealedAt <= decision.index) faults.push('its approval was not yet covered by a checkpoint');
  }
  if (data.sealedAt > index) faults.push('it names a checkpoint that can not have existed yet');
  else if (!sizes.has(data.sealedAt))
    faults.push(`the checkpoint over ${data.sealedAt} entries that it rests on is not there`);
  if (data.fence <= fence) faults.push('its fencing token is not newer than the one before');
  return faults;
}

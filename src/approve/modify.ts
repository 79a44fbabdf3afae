import { policyFaults } from '../domain/approval.js';
import { digestOf } from '../domain/canonical.js';
import { applyForm } from '../domain/modify.js';
import { type Proposal, proposalDigest } from '../domain/proposal.js';
import { proposalDiff } from './proposal-text.js';
import { invalid, type Rule, write } from './situation.js';

/**
 * A person edits the typed form: the result is validated and its risk scored again by the domain, gets a new hash and the person
 * as its proposer, so that somebody else must approve it. The edit is in the log as a diff, with both versions.
 */
export const modify: Rule = (situation) => {
  const { click, live, policy, inventory, lineage, now } = situation;
  if (click.verdict !== 'modify') return undefined;
  const context = { policy, inventory, lineage: lineage(), by: click.by.id, now };
  const applied = applyForm(live.proposal, click.values ?? {}, context);
  if ('fields' in applied) return invalid('Some values can not be used.', applied.fields);
  const { proposal } = applied;
  const faults = policyFaults(policy, proposal);
  if (faults.length > 0) return invalid(`${faults.join('; ')}.`, {});
  if (sameActions(live.proposal, proposal))
    return invalid('Nothing was changed; to decide on it as it is, approve or reject it.', {});
  const diff = proposalDiff(live.proposal, proposal);
  const data = { fromDigest: live.digest, proposal, digest: proposalDigest(proposal), by: click.by, diff };
  return write(situation, { type: 'proposal.modified', data });
};

function sameActions(one: Proposal, other: Proposal): boolean {
  const actions = (proposal: Proposal): string => digestOf(proposal.steps.map((step) => step.action));
  return actions(one) === actions(other);
}

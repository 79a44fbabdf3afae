import { approvalsNeeded, standingVotes } from '../domain/approval.js';
import type { Call } from '../domain/card.js';
import { type Incident, liveProposal } from '../domain/incident.js';
import type { ViewOptions } from './headline-card.js';
import { counted, enumerate } from './words.js';

/**
 * Whom a chat calls beside its cards: the next approver, once somebody has approved. The card itself says so as well, but an edit wakes
 * nobody. One that is no longer needed is not made any more; what was said stays said.
 */
export function callsOf(incident: Incident, { policy }: ViewOptions): Call[] {
  const live = liveProposal(incident);
  if (live === undefined || incident.status !== 'awaiting_decision') return [];
  const standing = standingVotes(policy, incident, live.proposal, live.votes);
  const missing = approvalsNeeded(policy, live.proposal.risk.level) - standing.length;
  const last = standing.at(-1);
  if (last === undefined || missing <= 0) return [];
  const who = enumerate(standing.map((vote) => vote.by.id));
  const text = `${who} approved. ${counted(missing, 'more person', 'more people')} must approve before anything runs.`;
  return [{ id: `proposal-${live.proposal.revision}-${standing.length}`, at: last.at, text }];
}

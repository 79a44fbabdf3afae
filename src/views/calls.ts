import { approvalsNeeded, standingVotes } from '../domain/approval.js';
import type { Call } from '../domain/card.js';
import { type Incident, liveProposal, type ProposalVersion } from '../domain/incident.js';
import type { ViewOptions } from './headline-card.js';
import { counted, enumerate } from './words.js';

/**
 * Whom a chat calls beside its cards: the next approver, once somebody has approved. The card itself says so as well, but an edit wakes
 * nobody. One for each vote that was not the last; it stays when nobody is needed any more, and says so.
 */
export function callsOf(incident: Incident, options: ViewOptions): Call[] {
  return incident.proposals.flatMap((version) => callsFor(incident, version, options));
}

function callsFor(incident: Incident, version: ProposalVersion, options: ViewOptions): Call[] {
  const needed = neededText(incident, version, options);
  return version.votes.map(({ by, at }, index, all) => {
    const id = `proposal-${version.proposal.revision}-${index + 1}`;
    if (needed !== undefined && index === all.length - 1) return { id, at, needed: true, text: needed };
    return { id, at, needed: false, text: `${by.id} approved first; the card above says what became of it.` };
  });
}

/** Undefined when this version waits for nobody. */
function neededText(incident: Incident, version: ProposalVersion, { policy }: ViewOptions): string | undefined {
  if (liveProposal(incident) !== version || incident.status !== 'awaiting_decision') return undefined;
  const { proposal, votes } = version;
  const standing = standingVotes(policy, incident, proposal, votes);
  const missing = approvalsNeeded(policy, proposal.risk.level) - standing.length;
  if (standing.length === 0 || missing <= 0) return undefined;
  const who = enumerate(standing.map((vote) => vote.by.id));
  return `${who} approved. ${counted(missing, 'more person', 'more people')} must approve before anything runs.`;
}

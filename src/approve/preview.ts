import type { ClickAnswer, ClickPreview } from '../domain/decision.js';
import { editDiff } from '../domain/edit-diff.js';
import type { ProposalVersion } from '../domain/incident.js';
import type { Write } from '../domain/ledger.js';
import type { Proposal } from '../domain/proposal.js';

/** What a click would do, from what it would write. */
export function previewOf(write: Write<ClickAnswer>, live: ProposalVersion | undefined): ClickPreview {
  const { result: answer } = write;
  // Without an event the answer is that of an earlier delivery, which this click can only repeat.
  const body = write.events[0];
  if (body?.type === 'proposal.modified' && answer.outcome === 'modified' && live !== undefined) {
    const edit = { ...editDiff(live.proposal, body.data.proposal), risk: riskText(live.proposal, body.data.proposal) };
    return { counts: true, text: 'This becomes a new version, and somebody else must approve it.', edit };
  }
  if (body?.type === 'vote.cast' && answer.outcome === 'vote_counted') {
    const more = answer.missing === 1 ? 'one more person has' : `${answer.missing} more people have`;
    return { counts: true, text: `Your approval counts; ${more} to approve before anything runs.` };
  }
  if (body?.type === 'decision.recorded' && answer.outcome === 'decided') {
    const approved = body.data.statement.verdict === 'approve';
    return {
      counts: true,
      text: approved ? 'With your approval the repair starts.' : 'With your rejection nothing will be changed.',
    };
  }
  return { counts: false, answer };
}

function riskText(before: Proposal, after: Proposal): string {
  const [was, now] = [before.risk.level, after.risk.level];
  const reasons = after.risk.reasons.map((reason) => reason.replace(/\.$/, '')).join('. ');
  return `${now}${was === now ? ', as before' : `; it was ${was}`}. ${reasons}.`;
}

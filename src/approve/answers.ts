import type { ClickAnswer } from '../domain/decision.js';
import type { Entry, EventBody, EventOf } from '../domain/events.js';
import type { Incident, ProposalVersion } from '../domain/incident.js';
import { liveProposal, proposalByDigest } from '../domain/incident.js';
import { changesInOneLine } from './proposal-text.js';

/** An instant as people in several time zones can read it. */
export function at(instant: string): string {
  return `${instant.slice(0, 10)} at ${instant.slice(11, 19)} UTC`;
}

function people(ids: readonly string[]): string {
  return ids.length < 2 ? (ids[0] ?? 'nobody') : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}

type Decision = EventOf<'decision.recorded'>['data'];

function whoDecided({ statement }: Pick<Decision, 'statement'>): string {
  const by = people(statement.votes.map((vote) => vote.by.id));
  return `${by} ${statement.verdict === 'approve' ? 'approved' : 'rejected'} this on ${at(statement.decidedAt)}`;
}

/** What a click may write. */
export type Written = Extract<
  EventBody,
  { type: 'decision.recorded' | 'vote.cast' | 'proposal.modified' | 'proposal.expired' | 'click.refused' }
>;

/** What the click that wrote this is told: made from the entry alone, so a second delivery is told the same. */
export function answerTo(body: Written, writtenAt: string): ClickAnswer {
  switch (body.type) {
    case 'decision.recorded': {
      const { statement } = body.data;
      const next =
        statement.verdict === 'approve'
          ? 'The repair starts as soon as the decision is sealed in the log.'
          : `Nothing will be changed. Reason: ${statement.reason}`;
      return { outcome: 'decided', text: `${whoDecided(body.data)}. ${next}`, decisionId: statement.decisionId };
    }
    case 'vote.cast': {
      const { vote, missing } = body.data;
      const more = missing === 1 ? 'one more person has' : `${missing} more people have`;
      const text = `${vote.by.id} approved on ${at(vote.at)}; ${more} to approve before anything runs.`;
      return { outcome: 'vote_counted', text, missing };
    }
    case 'proposal.modified': {
      const text = `${body.data.by.id} changed the proposal on ${at(writtenAt)}. Somebody else must approve the new version.`;
      return { outcome: 'modified', text, digest: body.data.digest };
    }
    case 'proposal.expired':
      return {
        outcome: 'too_late',
        text: `Too late: ${body.data.because}, and nobody had decided. Nothing was changed.`,
      };
    case 'click.refused':
      return { outcome: 'not_allowed', text: refusedText(body.data.reason) };
  }
}

/** The answer that the click behind this entry got; undefined for an entry that no click wrote. */
export function answerOf(entry: Entry): ClickAnswer | undefined {
  const written: ReadonlySet<string> = WRITTEN;
  return written.has(entry.type) ? answerTo(entry as Written & Entry, entry.at) : undefined;
}

const WRITTEN: ReadonlySet<Written['type']> = new Set([
  'decision.recorded',
  'vote.cast',
  'proposal.modified',
  'proposal.expired',
  'click.refused',
]);

/** Why an expired proposal is dead, for the record and the card. */
export function expiredBecause(expiresAt: string): string {
  return `it expired on ${at(new Date(expiresAt).toISOString())}`;
}

/** Said to somebody who may not do what they clicked. */
export function refusedText(reason: string): string {
  return `Not counted: ${reason}.`;
}

/** Said to a click that comes when there is nothing to decide (any more): who decided and when, and where things stand. */
export function tooLateText(incident: Incident): string {
  if (incident.decision !== undefined)
    return `Too late: ${whoDecided(incident.decision)}. ${standing(incident)}`.trim();
  const last = incident.proposals.at(-1);
  if (incident.status === 'expired') {
    return `Too late: the proposal can no longer be decided (${last?.dead ?? 'it expired'}) since ${at(incident.lastAt)}.`;
  }
  if (last === undefined)
    return `There is nothing to decide: ${incident.id} is ${incident.status} and has no proposal.`;
  return `There is nothing to decide: ${incident.id} is ${incident.status} since ${at(incident.lastAt)}.`;
}

function standing(incident: Incident): string {
  switch (incident.status) {
    case 'approved':
      return 'The repair is about to start.';
    case 'repairing':
      return 'The repair is running.';
    case 'verifying':
      return 'The repair ran, and recovery is being verified.';
    case 'resolved':
      return 'The incident is resolved.';
    case 'expired':
      return `The repair was refused: ${incident.refusals.at(-1)?.because ?? 'the approval died'}.`;
    case 'reopened':
      return 'The repair did not solve it, and the incident is open again.';
    case 'outcome_unknown':
      return 'Whether the repair took effect is not known, and a person has to look.';
    default:
      return '';
  }
}

/** Said to a click on a card that is no longer the newest: what changed since, and by whom. */
export function staleText(incident: Incident, live: ProposalVersion, shownDigest: string): string {
  const shown = proposalByDigest(incident, shownDigest);
  if (shown === undefined) {
    return 'Not counted: your card shows a version that is not in the log. Look at the newest card and decide there.';
  }
  const by = live.proposal.proposedBy;
  const changed = changesInOneLine(shown.proposal, live.proposal);
  return `Not counted: ${by} changed the proposal on ${at(live.at)}, after the card you saw. What changed: ${changed || 'only who proposed it'}. Decide on the newest card.`;
}

/** Said to somebody whose approval already counts. */
export function alreadyVotedText(incident: Incident, votedAt: string, missing: number): string {
  const live = liveProposal(incident);
  const revision = live === undefined ? '' : ` of version ${live.proposal.revision}`;
  const more = missing === 1 ? 'one more person' : `${missing} more people`;
  return `Your approval${revision} of ${at(votedAt)} already counts; it takes ${more}, and nobody counts twice.`;
}

import type { Card, Section } from '../domain/card.js';
import type { Vote } from '../domain/decision.js';
import { editDiff } from '../domain/edit-diff.js';
import { type Incident, liveProposal, type ProposalVersion } from '../domain/incident.js';
import type { Proposal } from '../domain/proposal.js';
import { actionsFor, approverRows, obstacles } from './decision-rights.js';
import { writtenBy } from './diagnosis-card.js';
import type { ViewOptions } from './headline-card.js';
import { proposalSections } from './proposal-sections.js';
import { capitalised, enumerate, instantWords, planWords, RISK_WORDS } from './words.js';

/** The one card to decide on, and the same card after it was decided, replaced, expired or refused. */
export function decisionCard(incident: Incident, version: ProposalVersion, options: ViewOptions): Card {
  const card = stateOf(incident, version, options);
  return { id: `proposal-${version.proposal.revision}`, ...card };
}

type State = Omit<Card, 'id'>;

function stateOf(incident: Incident, version: ProposalVersion, options: ViewOptions): State {
  const refusal = incident.refusals.find((one) => one.digest === version.digest);
  if (refusal !== undefined) return refused(incident, version, refusal);
  const statement = incident.decision?.statement;
  if (statement !== undefined && statement.proposalDigest === version.digest) return decided(incident, version);
  if (version === liveProposal(incident)) return live(incident, version, options);
  return dead(incident, version);
}

function live(incident: Incident, version: ProposalVersion, options: ViewOptions): State {
  const { proposal } = version;
  const named = proposal.revision > 1 ? `Decide on version ${proposal.revision}` : 'Decide';
  return {
    title: `${named}: ${planWords(proposal)}`,
    tone: 'waiting',
    sections: [
      ...obstacles(incident, proposal, options),
      ...editSection(incident, version),
      ...(proposal.steps.length > 1
        ? [{ kind: 'list', title: 'If it is approved', items: numbered(proposal) } as const]
        : []),
      {
        kind: 'facts',
        rows: [...riskRows(proposal), ...approverRows(incident, version, options), expiryRow(proposal)],
      },
      ...votesSections(version.votes, 'Approved so far'),
      ...proposalSections(proposal, false),
      ...whySection(incident, proposal),
      ...patchSections(proposal),
    ],
    actions: actionsFor(version, options),
    digest: version.digest,
  };
}

function numbered(proposal: Proposal): string[] {
  const several = proposal.steps.length > 1;
  return proposal.steps.map((step, at) => (several ? `${at + 1}. ${step.title}` : step.title));
}

function riskRows(proposal: Proposal): { name: string; value: string }[] {
  const { level, reasons } = proposal.risk;
  return [
    {
      name: 'Risk',
      value: `${RISK_WORDS[level]}. ${reasons.map((reason) => capitalised(reason.replace(/\.$/, ''))).join('. ')}.`,
    },
  ];
}

function expiryRow(proposal: Proposal): { name: string; value: string } {
  return { name: 'Decide before', value: instantWords(proposal.expiresAt) };
}

/** A person changed it: what differs from the version before. */
function editSection(incident: Incident, version: ProposalVersion): Section[] {
  const at = incident.proposals.indexOf(version);
  const before = incident.proposals[at - 1]?.proposal;
  if (before === undefined) return [];
  const { proposal } = version;
  const edit = editDiff(before, proposal);
  const text = `${proposal.proposedBy} changed it, so somebody else must approve. The risk was scored again.`;
  const title = `What ${proposal.proposedBy} changed`;
  return [
    { kind: 'text', voice: 'ours', text },
    { kind: 'diff', title, ...edit },
  ];
}

function votesSections(votes: readonly Vote[], label: string): Section[] {
  return votes.map((vote) => ({
    kind: 'text',
    voice: 'person',
    label: `${label}: ${vote.by.id}, ${instantWords(vote.at)}`,
    text: vote.check === '' ? 'No check was needed.' : vote.check,
  }));
}

function whySection(incident: Incident, proposal: Proposal): Section[] {
  if (proposal.why.trim() === '') return [];
  // The diagnosis above says it; it stays with what was shown to whoever decides.
  const said = proposal.why.trim() === incident.diagnosis?.summary.trim();
  return [
    { kind: 'text', voice: 'model', label: writtenBy(incident), text: proposal.why, ...(said ? { folded: true } : {}) },
  ];
}

function patchSections(proposal: Proposal): Section[] {
  return proposal.attachments.map(({ file, diff, note }) => ({
    kind: 'patch',
    file,
    diff,
    note: `For a person, never executed. ${note}`,
    folded: true,
  }));
}

function decided(incident: Incident, version: ProposalVersion): State {
  const statement = incident.decision?.statement;
  const people = enumerate(statement?.votes.map((vote) => vote.by.id) ?? []);
  const approved = statement?.verdict === 'approve';
  const when = instantWords(statement?.decidedAt ?? incident.lastAt);
  const sections: Section[] = approved
    ? votesSections(statement.votes, 'Checked by')
    : [
        { kind: 'text', voice: 'ours', text: 'Nothing of this was carried out, and nothing of it will be.' },
        { kind: 'text', voice: 'person', label: `The reason ${people} gave`, text: statement?.reason ?? '' },
      ];
  return {
    title: `${approved ? 'Approved' : 'Rejected'} by ${people}, ${when}`,
    tone: approved ? 'good' : 'neutral',
    sections: [...sections, ...record(incident, version)],
    actions: [],
    digest: version.digest,
  };
}

function refused(incident: Incident, version: ProposalVersion, refusal: { because: string; moved: string[] }): State {
  const moved: Section[] =
    refusal.moved.length === 0 ? [] : [{ kind: 'list', title: 'What is no longer as shown', items: refusal.moved }];
  const people = enumerate(incident.decision?.statement.votes.map((vote) => vote.by.id) ?? []);
  return {
    title: 'The approval died: the world is no longer as it was shown',
    tone: 'bad',
    sections: [
      { kind: 'text', voice: 'ours', text: `${people} approved this, and it was not carried out: ${refusal.because}` },
      ...moved,
      ...record(incident, version),
    ],
    actions: [],
    digest: version.digest,
  };
}

/** Replaced by an edit, or past its time. */
function dead(incident: Incident, version: ProposalVersion): State {
  const { proposal } = version;
  const replaced = incident.proposals.at(-1) !== version;
  const because = version.dead ?? 'the incident went on without it';
  return {
    title: replaced ? `Version ${proposal.revision}: ${because}` : 'This proposal can no longer be decided',
    tone: replaced ? 'neutral' : 'bad',
    sections: [
      ...(replaced
        ? []
        : [{ kind: 'text', voice: 'ours', text: `Nothing of it was carried out: ${because}` } as const]),
      ...record(incident, version),
    ],
    actions: [],
    digest: version.digest,
  };
}

/** What was shown, kept readable but out of the way. */
function record(incident: Incident, version: ProposalVersion): Section[] {
  const { proposal } = version;
  const sections: Section[] = [
    { kind: 'list', title: 'What was proposed', items: numbered(proposal) },
    { kind: 'facts', rows: riskRows(proposal), folded: true },
    ...proposalSections(proposal, true),
    ...whySection(incident, proposal),
    ...patchSections(proposal),
  ];
  return sections.map((section, at) => (at === 0 ? section : { ...section, folded: true }));
}

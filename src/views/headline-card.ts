import { approvalsNeeded, standingVotes } from '../domain/approval.js';
import type { Card, FactRow, Section } from '../domain/card.js';
import { type Incident, isOpen, liveProposal } from '../domain/incident.js';
import type { Policy } from '../domain/policy.js';
import { investigationCalls } from '../domain/question.js';
import { changedAnything, patchedFiles } from './repair-state.js';
import {
  capitalised,
  causeText,
  confidenceWords,
  costWords,
  enumerate,
  instantWords,
  minutesWords,
  planWords,
  STATUS_WORDS,
  sentence,
} from './words.js';

export interface ViewOptions {
  policy: Policy;
  now: Date;
}

/** The one message that is edited in place: what is the matter, where it stands, what to do next. */
export function headlineCard(incident: Incident, options: ViewOptions): Card {
  const { label, tone } = STATUS_WORDS[incident.status];
  return {
    id: 'headline',
    title: incident.title,
    tone,
    sections: [
      { kind: 'text', voice: 'ours', label, text: nextText(incident, options) },
      { kind: 'facts', rows: rowsOf(incident, options.now) },
      ...remarks(incident),
      alertSection(incident),
    ],
    actions: [],
  };
}

function nextText(incident: Incident, options: ViewOptions): string {
  const untouched = changedAnything(incident) ? '' : ' Nothing was changed.';
  switch (incident.status) {
    case 'investigating':
      return investigatingText(incident);
    case 'awaiting_decision':
      return waitingText(incident, options);
    case 'approved':
      return approvedText(incident, options.now);
    case 'repairing':
      return `The repair that ${deciders(incident)} approved is running. Nothing to do.`;
    case 'verifying':
      return 'The repair ran. It counts as resolved only when the checks on the card are met.';
    case 'resolved':
      return resolvedText(incident);
    case 'rejected':
      return `By ${deciders(incident)}.${untouched} The pipeline is still broken: take over by hand.`;
    case 'expired':
      return `${diedText(incident)}${untouched} The pipeline is still broken: take over by hand.`;
    case 'escalated':
      return `${incident.escalation?.to ?? 'Somebody'} must take over.${untouched} What is known so far is below.`;
    case 'reopened':
      return 'The repair did not bring recovery. A person must take over; the ways back are below.';
    case 'outcome_unknown':
      return 'It is not known whether the repair took effect. Look at the target first; do not run it again by hand.';
    case 'closed':
      return `${sentence(incident.closedBecause ?? 'No reason was given')}${untouched}`;
  }
}

function resolvedText(incident: Incident): string {
  const files = patchedFiles(incident);
  if (files.length === 0) return 'Recovery is verified. Nothing to do.';
  return `Recovery is verified. Still for a person: the patch for ${enumerate(files)}.`;
}

/** Nobody decided in time, or the world moved under an approval. */
function diedText(incident: Incident): string {
  if (incident.refusals.length === 0) return 'The proposal can no longer be approved.';
  return 'It was approved, but the world is no longer as the approver saw it, so it was not carried out.';
}

/** A seal takes a second or two; after this long somebody must hear that the sealer or the repairer is not running. */
const SEALED_WITHIN_MINUTES = 1;

function approvedText(incident: Incident, now: Date): string {
  const statement = incident.decision?.statement;
  const digest = statement?.proposalDigest;
  const first = incident.proposals.find((version) => version.digest === digest)?.proposal.steps[0]?.action;
  const wait = first?.do === 'retry' ? first.not_before_minutes : 0;
  const since = (now.getTime() - Date.parse(statement?.decidedAt ?? incident.lastAt)) / 60_000;
  const by = `By ${deciders(incident)}.`;
  if (since < wait) {
    const due = new Date(Date.parse(statement?.decidedAt ?? incident.lastAt) + wait * 60_000).toISOString();
    return `${by} The repair starts at ${instantWords(due)}, as the plan says. Nothing to do.`;
  }
  if (since - wait <= SEALED_WITHIN_MINUTES)
    return `${by} The repair starts once the decision is sealed in the log. Nothing to do.`;
  return `${by} The repair has not started for ${minutesWords(since - wait)}: it waits for the log’s seal. Nothing was changed. Look whether the roles sealer and repairer run (countersign doctor).`;
}

function deciders(incident: Incident): string {
  return enumerate(incident.decision?.statement.votes.map((vote) => vote.by.id) ?? []);
}

function investigatingText(incident: Incident): string {
  const most = incident.investigation?.maxToolCalls;
  if (most === undefined) return 'The alert is in. An investigation is about to start. Nothing is changed.';
  const used = incident.calls.length;
  return `Reading the systems, ${used} of at most ${most} tool calls used. Nothing is changed. Nothing to do yet.`;
}

function waitingText(incident: Incident, { policy }: ViewOptions): string {
  const live = liveProposal(incident);
  if (live === undefined) return 'A proposal is waiting. Nothing changes until somebody decides.';
  const votes = standingVotes(policy, incident, live.proposal, live.votes).length;
  const missing = approvalsNeeded(policy, live.proposal.risk.level) - votes;
  const asked = missing === 1 ? 'one' : String(missing);
  const who = `${asked}${votes === 0 ? '' : ' more'} ${missing === 1 ? 'approval' : 'approvals'}`;
  return `Read the proposal and decide before ${instantWords(live.proposal.expiresAt)}. It needs ${who}. Nothing changes until then.`;
}

function rowsOf(incident: Incident, now: Date): FactRow[] {
  const openFor = (now.getTime() - Date.parse(incident.openedAt)) / 60_000;
  const time: FactRow =
    incident.resolvedMinutes === undefined
      ? { name: isOpen(incident) ? 'Open for' : 'Open', value: minutesWords(openFor), passing: true }
      : { name: 'Recovered after', value: `${minutesWords(incident.resolvedMinutes)}, verified` };
  const calls = incident.investigation;
  return [
    { name: 'Severity', value: capitalised(incident.severity) },
    { name: 'Pipeline', value: incident.pipeline ?? 'not in the inventory' },
    { name: 'Owner', value: incident.owner ?? 'not known' },
    ...causeRow(incident),
    ...planRow(incident),
    { name: 'Alerts', value: alertsText(incident) },
    time,
    {
      name: 'Tool calls',
      value: calls === undefined ? 'none yet' : callsText(incident, calls.maxToolCalls),
    },
    { name: 'Cost so far', value: costWords(incident.costUsd, incident.tokens) },
  ];
}

/** What is the matter, for whoever reads no further. */
function causeRow({ diagnosis }: Incident): FactRow[] {
  if (diagnosis === undefined || diagnosis.outcome === 'inconclusive' || diagnosis.causes.length === 0) return [];
  const causes = diagnosis.causes.map(causeText).join('; ');
  return [{ name: 'Cause', value: `${causes}. ${confidenceWords(diagnosis.confidence)}` }];
}

/** What is to be decided on, or what was approved. */
function planRow(incident: Incident): FactRow[] {
  const statement = incident.decision?.statement;
  const approved = statement?.verdict === 'approve' ? statement.proposalDigest : undefined;
  const plan = incident.proposals.find((version) => version.digest === approved) ?? liveProposal(incident);
  if (plan === undefined) return [];
  return [{ name: approved === undefined ? 'Proposed' : 'Repair', value: planWords(plan.proposal) }];
}

/** Those for questions are told apart: granted ones may go beyond the investigation's own. */
function callsText(incident: Incident, most: number): string {
  const own = investigationCalls(incident).length;
  const asked = incident.calls.length - own;
  return `${own} of ${most}${asked === 0 ? '' : `, and ${asked} for questions`}`;
}

function alertsText(incident: Incident): string {
  const ended = incident.alertResolved ? ', the sender says it is over' : '';
  return incident.alerts === 1 ? `1${ended}` : `${incident.alerts}, folded into this thread${ended}`;
}

function remarks(incident: Incident): Section[] {
  const unknown: Section[] =
    incident.unknown.length === 0
      ? []
      : [{ kind: 'list', title: 'Not in the inventory', items: incident.unknown, voice: 'outside' }];
  const changes = incident.reasonerChanges.map(
    (change): Section => ({
      kind: 'text',
      voice: 'ours',
      text: `${capitalised(change.from)} was replaced by ${change.to} during the investigation: ${change.because}`,
    }),
  );
  return [...unknown, ...changes];
}

function alertSection(incident: Incident): Section {
  const { alert } = incident;
  const link = alert.link === undefined ? '' : `\n${alert.link}`;
  return {
    kind: 'text',
    voice: 'outside',
    label: `The alert of ${instantWords(alert.startedAt)}, as ${alert.source} sent it`,
    text: `${alert.text || alert.title}${link}`,
    folded: true,
  };
}

import type { Alert, Severity } from './alert.js';
import type { Note } from './card.js';
import type { DecisionStatement, Seal, Vote } from './decision.js';
import type { Diagnosis } from './diagnosis.js';
import { AppError } from './errors.js';
import type { Entry, EventBody, EventOf, EventType } from './events.js';
import type { StoredEntry } from './ports.js';
import type { Proposal } from './proposal.js';
import { type AskedQuestion, questionFault, questionOf, type TracedCall } from './question.js';
import type { CastVote } from './sealed-statement.js';

export type IncidentStatus =
  | 'investigating'
  | 'awaiting_decision'
  | 'approved'
  | 'repairing'
  | 'verifying'
  | 'resolved'
  | 'rejected'
  | 'expired'
  | 'escalated'
  | 'reopened'
  | 'outcome_unknown'
  | 'closed';

/** Nothing more will happen by itself. An open incident takes in repeated alerts; a finished one does not. */
const FINISHED: ReadonlySet<IncidentStatus> = new Set(['resolved', 'closed']);

/** It came to an end that people are told of, though a person may still take it further. */
const ENDED: ReadonlySet<IncidentStatus> = new Set([
  'resolved',
  'expired',
  'reopened',
  'outcome_unknown',
  'escalated',
  'closed',
]);

export interface ProposalVersion {
  proposal: Proposal;
  digest: string;
  at: string;
  /** As the log has them, whoever wrote them. */
  cast: CastVote[];
  /** Those with a good seal: none until somebody who has the key checks them (`withSealedVotes`). */
  votes: Vote[];
  /** Digest of the version that replaced this one, or why it can no longer be decided. */
  dead?: string;
}

export interface Repair {
  decisionId: string;
  digest: string;
  fence: number;
  startedAt: string;
  finishedAt?: string;
  steps: EventOf<'repair.stepped'>['data'][];
  outcome?: 'succeeded' | 'failed' | 'unknown';
  detail?: string;
}

/** The fold of an incident's events: everything any room needs to know about it. */
export interface Incident {
  id: string;
  version: number;
  status: IncidentStatus;
  openedAt: string;
  title: string;
  severity: Severity;
  alert: Alert;
  alerts: number;
  alertResolved: boolean;
  joined: Alert[];
  root: string | undefined;
  pipeline: string | undefined;
  owner: string | undefined;
  openedBy: string;
  unknown: string[];
  investigation: EventOf<'investigation.started'>['data'] | undefined;
  /** Of the investigation; those of a question stand with it. */
  reasonerChanges: EventOf<'reasoner.changed'>['data'][];
  /** All of them: those of the investigation first, then those of follow-up questions. */
  calls: TracedCall[];
  diagnosis: Diagnosis | undefined;
  diagnosedAt: string | undefined;
  proposals: ProposalVersion[];
  decision: { statement: DecisionStatement; seal: Seal; index: number } | undefined;
  repairs: Repair[];
  refusals: EventOf<'repair.refused'>['data'][];
  verification: EventOf<'verification.checked'>['data'] | undefined;
  notes: Note[];
  questions: AskedQuestion[];
  escalation: EventOf<'incident.escalated'>['data'] | undefined;
  closedBecause: string | undefined;
  resolvedAt: string | undefined;
  resolvedMinutes: number | undefined;
  reopenedBecause: string[];
  /** When it first came to an end of any kind; a later end changes what is told, not this. */
  endedAt: string | undefined;
  costUsd: number;
  tokens: number;
  lastAt: string;
}

export function isOpen(incident: Incident): boolean {
  return !FINISHED.has(incident.status);
}

/** The version that may be decided on now, if any. */
export function liveProposal(incident: Incident): ProposalVersion | undefined {
  if (incident.status !== 'awaiting_decision') return undefined;
  const last = incident.proposals.at(-1);
  return last?.dead === undefined ? last : undefined;
}

export function proposalByDigest(incident: Incident, digest: string): ProposalVersion | undefined {
  return incident.proposals.find((version) => version.digest === digest);
}

/** Where each event may happen; events that are not listed may happen in any state, also after the end. */
const ALLOWED: Partial<Record<EventType, readonly IncidentStatus[]>> = {
  'investigation.started': ['investigating'],
  'reasoner.changed': ['investigating'],
  'tool.called': ['investigating'],
  'tool.answered': ['investigating'],
  'diagnosis.made': ['investigating'],
  'proposal.made': ['investigating'],
  'incident.escalated': ['investigating', 'expired', 'reopened', 'outcome_unknown', 'rejected'],
  'vote.cast': ['awaiting_decision'],
  'proposal.modified': ['awaiting_decision'],
  'proposal.expired': ['awaiting_decision'],
  'decision.recorded': ['awaiting_decision'],
  'repair.refused': ['approved', 'repairing', 'outcome_unknown'],
  'repair.started': ['approved', 'repairing', 'outcome_unknown'],
  'repair.stepped': ['repairing'],
  'repair.finished': ['repairing'],
  'verification.checked': ['verifying'],
  'incident.resolved': ['verifying'],
  'incident.reopened': ['verifying', 'repairing', 'approved'],
  'incident.closed': ['investigating', 'escalated', 'rejected', 'expired', 'reopened', 'outcome_unknown'],
};

/** @throws AppError `internal` when the event may not follow in this state: a bug, never a user's mistake. */
export function assertMayFollow(incident: Incident | undefined, event: EventBody): void {
  if (incident === undefined) {
    if (event.type === 'incident.opened') return;
    throw new AppError('internal', { safeText: `${event.type} before incident.opened` });
  }
  if (event.type === 'incident.opened') throw new AppError('internal', { safeText: 'incident.opened twice' });
  const question = questionOf(incident, event);
  if (question !== undefined) {
    const fault = questionFault(incident, question, event);
    if (fault === undefined) return;
    throw new AppError('internal', {
      safeText: `${event.type} may not follow for a question of ${incident.id}: ${fault}`,
    });
  }
  const states = ALLOWED[event.type];
  if (states !== undefined && !states.includes(incident.status)) {
    throw new AppError('internal', {
      safeText: `${event.type} may not follow while ${incident.id} is ${incident.status}`,
    });
  }
}

/** State after one more entry. The given incident is not changed. */
export function applyEntry(before: Incident | undefined, stored: StoredEntry): Incident {
  const { entry, index } = stored;
  if (before === undefined) return opened(entry);
  const incident: Incident = { ...before, version: entry.n, lastAt: entry.at };
  applyToInvestigation(incident, entry);
  applyToDecision(incident, entry, index);
  applyToRepair(incident, entry);
  applyToStory(incident, entry);
  if (ENDED.has(incident.status)) incident.endedAt ??= entry.at;
  return incident;
}

/** Fold of a whole subject; undefined when there are no entries. */
export function foldIncident(stored: readonly StoredEntry[]): Incident | undefined {
  let incident: Incident | undefined;
  for (const entry of stored) incident = applyEntry(incident, entry);
  return incident;
}

function opened(entry: Entry): Incident {
  if (entry.type !== 'incident.opened') {
    throw new AppError('tampered', { safeText: `${entry.subject} does not begin with incident.opened` });
  }
  const { data } = entry;
  return {
    id: entry.subject,
    version: entry.n,
    status: 'investigating',
    openedAt: entry.at,
    title: data.title,
    severity: data.severity,
    alert: data.alert,
    alerts: 1,
    alertResolved: false,
    joined: [],
    root: data.root,
    pipeline: data.pipeline,
    owner: data.owner,
    openedBy: data.openedBy,
    unknown: data.unknown,
    investigation: undefined,
    reasonerChanges: [],
    calls: [],
    diagnosis: undefined,
    diagnosedAt: undefined,
    proposals: [],
    decision: undefined,
    repairs: [],
    refusals: [],
    verification: undefined,
    notes: [],
    questions: [],
    escalation: undefined,
    closedBecause: undefined,
    resolvedAt: undefined,
    resolvedMinutes: undefined,
    reopenedBecause: [],
    endedAt: undefined,
    costUsd: 0,
    tokens: 0,
    lastAt: entry.at,
  };
}

function addUsage(
  incident: Incident,
  usage: { costUsd: number; inputTokens: number; outputTokens: number } | undefined,
): void {
  if (usage === undefined) return;
  incident.costUsd += usage.costUsd;
  incident.tokens += usage.inputTokens + usage.outputTokens;
}

function applyToInvestigation(incident: Incident, entry: Entry): void {
  switch (entry.type) {
    case 'investigation.started':
      incident.investigation = entry.data;
      break;
    case 'reasoner.changed':
      if (entry.data.question !== undefined) changeQuestion(incident, entry.data.question, { changed: entry.data });
      else incident.reasonerChanges = [...incident.reasonerChanges, entry.data];
      break;
    case 'tool.called':
      incident.calls = [...incident.calls, { call: entry.data, at: entry.at }];
      addUsage(incident, entry.data.usage);
      break;
    case 'tool.answered':
      incident.calls = incident.calls.map((traced) =>
        traced.call.callId === entry.data.callId ? { ...traced, answer: entry.data } : traced,
      );
      break;
    case 'diagnosis.made':
      incident.diagnosis = entry.data.diagnosis;
      incident.diagnosedAt ??= entry.at;
      addUsage(incident, entry.data.usage);
      break;
    case 'proposal.made':
      incident.status = 'awaiting_decision';
      incident.proposals = [
        ...incident.proposals,
        { proposal: entry.data.proposal, digest: entry.data.digest, at: entry.at, cast: [], votes: [] },
      ];
      break;
    case 'incident.escalated':
      incident.status = 'escalated';
      incident.escalation = entry.data;
      break;
  }
}

function changeQuestion(incident: Incident, questionId: string, change: Partial<AskedQuestion>): void {
  incident.questions = incident.questions.map((question) =>
    question.asked.questionId === questionId ? { ...question, ...change } : question,
  );
}

function changeProposal(incident: Incident, digest: string, change: Partial<ProposalVersion>): void {
  incident.proposals = incident.proposals.map((version) =>
    version.digest === digest ? { ...version, ...change } : version,
  );
}

function applyToDecision(incident: Incident, entry: Entry, index: number): void {
  switch (entry.type) {
    case 'vote.cast': {
      const { digest, vote, seal } = entry.data;
      const cast = proposalByDigest(incident, digest)?.cast ?? [];
      changeProposal(incident, digest, { cast: [...cast, { vote, seal }] });
      break;
    }
    case 'proposal.modified':
      changeProposal(incident, entry.data.fromDigest, { dead: `replaced by ${entry.data.by.id}` });
      incident.proposals = [
        ...incident.proposals,
        { proposal: entry.data.proposal, digest: entry.data.digest, at: entry.at, cast: [], votes: [] },
      ];
      break;
    case 'proposal.expired':
      changeProposal(incident, entry.data.digest, { dead: entry.data.because });
      incident.status = 'expired';
      break;
    case 'decision.recorded':
      incident.decision = { statement: entry.data.statement, seal: entry.data.seal, index };
      incident.status = entry.data.statement.verdict === 'approve' ? 'approved' : 'rejected';
      break;
  }
}

function changeLastRepair(incident: Incident, change: (repair: Repair) => Repair): void {
  const last = incident.repairs.at(-1);
  if (last !== undefined) incident.repairs = [...incident.repairs.slice(0, -1), change(last)];
}

function applyToRepair(incident: Incident, entry: Entry): void {
  switch (entry.type) {
    case 'repair.started': {
      const { decisionId, digest, fence } = entry.data;
      incident.status = 'repairing';
      incident.repairs = [...incident.repairs, { decisionId, digest, fence, startedAt: entry.at, steps: [] }];
      break;
    }
    case 'repair.stepped':
      changeLastRepair(incident, (repair) => ({ ...repair, steps: [...repair.steps, entry.data] }));
      break;
    case 'repair.finished': {
      const { outcome, detail } = entry.data;
      changeLastRepair(incident, (repair) => ({ ...repair, outcome, detail, finishedAt: entry.at }));
      incident.status = { succeeded: 'verifying', failed: 'reopened', unknown: 'outcome_unknown' }[
        outcome
      ] as IncidentStatus;
      if (outcome !== 'succeeded') incident.reopenedBecause = [detail];
      break;
    }
    case 'repair.refused':
      changeProposal(incident, entry.data.digest, { dead: entry.data.because });
      incident.refusals = [...incident.refusals, entry.data];
      incident.status = 'expired';
      break;
    case 'verification.checked':
      incident.verification = entry.data;
      break;
  }
}

function applyToStory(incident: Incident, entry: Entry): void {
  switch (entry.type) {
    case 'alert.joined':
      incident.alerts += 1;
      incident.joined = [...incident.joined, entry.data.alert].slice(-50);
      break;
    case 'alert.resolved':
      incident.alertResolved = true;
      break;
    case 'incident.resolved':
      incident.status = 'resolved';
      incident.resolvedAt = entry.at;
      incident.resolvedMinutes = entry.data.minutes;
      break;
    case 'incident.reopened':
      incident.status = 'reopened';
      incident.reopenedBecause = entry.data.failed;
      break;
    case 'incident.closed':
      incident.status = 'closed';
      incident.closedBecause = entry.data.reason;
      break;
    case 'note.added':
      incident.notes = [...incident.notes, noteOf(entry)];
      break;
    case 'question.asked':
      incident.questions = [...incident.questions, { asked: entry.data, at: entry.at }];
      break;
    case 'question.answered':
      changeQuestion(incident, entry.data.questionId, {
        answered: { ...entry.data, at: entry.at, by: entry.actor.id },
      });
      addUsage(incident, entry.data.usage);
      break;
  }
}

function noteOf({ id, at, data: { by, text } }: Entry & { type: 'note.added' }): Note {
  return { id, by: by.id, via: by.via, at, text };
}

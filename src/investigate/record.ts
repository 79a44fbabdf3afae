import { clipped } from '../domain/clipped.js';
import type { Diagnosis } from '../domain/diagnosis.js';
import type { Incident } from '../domain/incident.js';
import type { AskedQuestion } from '../domain/question.js';
import { fenced, recordLine } from './logfmt.js';

/** Headings by which the parts of a question's message are told apart; in text from outside they stand behind `| `. */
export const RECORD_HEADING = '# The record of this incident';
export const QUESTION_HEADING = '# The question';

const NOTES = 10;
const EARLIER = 4;
const SHOWN = 800;

/** What the agent is told with a question: how the incident went on, in our records, and the question as a person's words. */
export function questionText(incident: Incident, question: AskedQuestion, calls: number): string {
  const { by, text } = question.asked;
  return [
    'The investigation has ended. Answer the question below.',
    '',
    RECORD_HEADING,
    '',
    ...recordLines(incident, question),
    '',
    QUESTION_HEADING,
    '',
    recordLine('question', { by: by.id, via: by.via, at: question.at, calls }),
    fenced(text),
  ].join('\n');
}

function recordLines(incident: Incident, question: AskedQuestion): string[] {
  return [
    recordLine('state', {
      status: incident.status,
      opened_at: incident.openedAt,
      closed_because: incident.closedBecause,
      resolved_at: incident.resolvedAt,
      resolved_minutes: incident.resolvedMinutes,
    }),
    ...(incident.diagnosis === undefined ? [] : diagnosisLines(incident.diagnosis)),
    ...proposalLines(incident),
    ...endLines(incident),
    ...incident.notes
      .slice(-NOTES)
      .flatMap(({ by, via, at, text }) => [recordLine('note', { by, via, at }), fenced(clipped(text, SHOWN))]),
    ...earlierLines(incident, question),
  ];
}

function diagnosisLines(diagnosis: Diagnosis): string[] {
  const { outcome, confidence, flags, summary } = diagnosis;
  return [
    recordLine('diagnosis', { outcome, confidence, flags: flags.join(','), summary }),
    ...diagnosis.causes.map(({ entity, category, change, claim }) =>
      recordLine('cause', { entity, category, change, claim }),
    ),
    ...diagnosis.evidence.map(({ callId, supports, quote }) =>
      recordLine('evidence', { call: callId, supports, quote }),
    ),
    ...diagnosis.ruledOut.map(({ hypothesis, why }) => recordLine('ruled_out', { hypothesis, why })),
  ];
}

function proposalLines({ proposals, decision }: Incident): string[] {
  const version = proposals.at(-1);
  if (version === undefined) return [];
  // As the log has them: no decision rests on this record, and this role has no key to check them with.
  const { proposal, dead, cast } = version;
  const { revision, risk, proposedBy, expiresAt } = proposal;
  const statement = decision?.statement;
  return [
    recordLine('proposal', {
      revision,
      risk: risk.level,
      proposed_by: proposedBy,
      expires_at: expiresAt,
      no_longer: dead,
    }),
    ...proposal.steps.map(({ title, restorePoint }, at) =>
      recordLine('step', { number: at + 1, title, restore_point: restorePoint }),
    ),
    ...(statement?.votes ?? cast.map(({ vote }) => vote)).map(({ by, at, check }) =>
      recordLine('vote', { by: by.id, at, checked: check }),
    ),
    ...(statement === undefined
      ? []
      : [
          recordLine('decision', {
            verdict: statement.verdict,
            by: statement.votes.map(({ by }) => by.id).join(','),
            at: statement.decidedAt,
            reason: statement.reason,
          }),
        ]),
  ];
}

function endLines(incident: Incident): string[] {
  const { escalation, verification } = incident;
  return [
    ...incident.repairs.map(({ startedAt, outcome, detail }) =>
      recordLine('repair', { started_at: startedAt, outcome: outcome ?? 'running', detail }),
    ),
    ...incident.refusals.map(({ because }) => recordLine('repair_refused', { because })),
    ...(verification?.results ?? []).map(({ check, met, observed }) =>
      recordLine('check', { text: check.text, met, observed }),
    ),
    ...(escalation === undefined ? [] : [recordLine('escalated', { to: escalation.to, reason: escalation.reason })]),
    ...incident.reopenedBecause.map((because) => recordLine('reopened', { because })),
  ];
}

/** So that "and the other table?" can be understood. */
function earlierLines({ questions }: Incident, question: AskedQuestion): string[] {
  const before = questions.slice(0, questions.indexOf(question));
  return before
    .slice(-EARLIER)
    .flatMap(({ asked, answered }) => [
      recordLine('earlier_question', { by: asked.by.id }),
      fenced(clipped(asked.text, SHOWN)),
      ...(answered === undefined ? [] : [recordLine('earlier_answer', {}), fenced(clipped(answered.text, SHOWN))]),
    ]);
}

import type { Card, Thread } from '../domain/card.js';
import type { Incident } from '../domain/incident.js';
import { callsLeftOver } from '../domain/question.js';
import { callsOf } from './calls.js';
import { decisionCard } from './decision-card.js';
import { diagnosisCard } from './diagnosis-card.js';
import { fitCard } from './fit.js';
import { headlineCard, type ViewOptions } from './headline-card.js';
import { outcomeCard } from './outcome-card.js';
import { questionsOf } from './questions.js';
import { repairCard, verificationCard } from './repair-card.js';
import { summaryOf } from './summary.js';
import { traceOf } from './trace.js';

/**
 * The whole thread of an incident as every chat shows it. Only the headline depends on `now` minute by minute; a card changes when
 * something happened to it, so a chat edits as little as possible.
 */
export function threadOf(incident: Incident, options: ViewOptions): Thread {
  const carriedOut = incident.repairs.find((repair) => repair.outcome === 'succeeded');
  const cards: (Card | undefined)[] = [
    incident.diagnosis && dated(diagnosisCard(incident, incident.diagnosis), incident.diagnosedAt),
    ...incident.proposals.map((version) => dated(decisionCard(incident, version, options), version.at)),
    ...incident.repairs.map((repair, at) => dated(repairCard(incident, repair, at), repair.startedAt)),
    dated(verificationCard(incident), carriedOut?.finishedAt),
    dated(outcomeCard(incident), incident.endedAt),
  ];
  return {
    incident: incident.id,
    version: incident.version,
    summary: summaryOf(incident),
    headline: fitCard(headlineCard(incident, options)),
    trace: traceOf(incident),
    cards: cards.filter((card) => card !== undefined).map(fitCard),
    notes: incident.notes,
    questions: questionsOf(incident),
    calls: callsOf(incident, options),
    asking: { left: callsLeftOver(incident), maxGrant: options.policy.talk.maxGrant },
  };
}

function dated(card: Card | undefined, at: string | undefined): Card | undefined {
  return card === undefined || at === undefined ? card : { ...card, at };
}

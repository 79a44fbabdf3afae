import type { Diagnosis, Evidence, RootCause } from '../domain/diagnosis.js';
import { Component } from '../domain/diagnosis.js';
import type { Incident } from '../domain/incident.js';
import type { ObservationStore } from '../domain/ports.js';
import type { Answer } from './answer.js';

/** A quote shorter than this is found anywhere and proves nothing. */
const SHORTEST_QUOTE = 8;

export interface Grounded {
  causes: RootCause[];
  evidence: Evidence[];
  struck: Diagnosis['struck'];
  /** Causes of which no quote stood. */
  ungrounded: RootCause[];
}

type Quote = Answer['evidence'][number];

/**
 * Checks every quote of an answer against the stored observation of the call it names, byte for byte; what is not found
 * is struck with the reason. The first surviving quotes are kept, at most twelve.
 */
export async function ground(answer: Answer, incident: Incident, observations: ObservationStore): Promise<Grounded> {
  const grounded: Grounded = { causes: [], evidence: [], struck: [], ungrounded: [] };
  const check = (quotes: readonly Quote[]): Promise<number> => checkQuotes(quotes, grounded, incident, observations);
  for (const { evidence, ...stated } of answer.causes.slice(0, 5)) {
    const cause = bounded(stated);
    const stood = await check(evidence);
    if (stood > 0 && cause !== undefined) grounded.causes.push(cause);
    else
      grounded.ungrounded.push(
        cause ?? { ...stated, entity: stated.entity.slice(0, 300), claim: stated.claim.slice(0, 600) },
      );
  }
  await check(answer.evidence);
  return grounded;
}

/** Adds each quote to what stands or to what was struck. @returns how many stood. */
export async function checkQuotes(
  quotes: readonly Quote[],
  into: Pick<Grounded, 'evidence' | 'struck'>,
  incident: Incident,
  observations: ObservationStore,
): Promise<number> {
  let stood = 0;
  for (const quote of quotes) {
    const result = await groundQuote(quote, incident, observations);
    if ('reason' in result) into.struck.push({ quote: quote.quote.slice(0, 1000), reason: result.reason });
    else {
      stood += 1;
      if (into.evidence.length < 12 && !into.evidence.some((known) => sameQuote(known, result))) {
        into.evidence.push(result);
      }
    }
  }
  return stood;
}

/** The prefix of the entity names the component; where the two differ the entity is what was meant. */
function bounded(cause: Omit<Answer['causes'][number], 'evidence'>): RootCause | undefined {
  const prefix = Component.safeParse(cause.entity.split(':', 1)[0]);
  if (!prefix.success || cause.entity.length > 300) return undefined;
  return { ...cause, component: prefix.data, claim: cause.claim.trim().slice(0, 600) || 'No claim was given.' };
}

async function groundQuote(
  quote: Quote,
  incident: Incident,
  observations: ObservationStore,
): Promise<Evidence | { reason: string }> {
  const traced = incident.calls.find(({ call }) => call.callId === quote.call);
  if (traced?.answer === undefined) return { reason: `There is no answered call ${quote.call.slice(0, 40)}.` };
  if (quote.quote.trim().length < SHORTEST_QUOTE) return { reason: 'The quote is too short to prove anything.' };
  if (quote.quote.length > 1000) return { reason: 'The quote is longer than 1000 characters.' };
  const text = await observations.get(traced.answer.observation);
  if (text === undefined || !text.includes(quote.quote)) {
    return { reason: `The quote is not in the answer of ${traced.call.callId}, byte for byte.` };
  }
  return {
    callId: traced.call.callId,
    tool: traced.call.tool,
    quote: quote.quote,
    supports: quote.supports.slice(0, 300),
    observation: traced.answer.observation,
  };
}

function sameQuote(a: Evidence, b: Evidence): boolean {
  return a.callId === b.callId && a.quote === b.quote;
}

import type { Card, Section, Tone } from '../domain/card.js';
import type { Diagnosis } from '../domain/diagnosis.js';
import type { Incident } from '../domain/incident.js';
import { causeText, causeWords, confidenceWords, counted, entityWords } from './words.js';

/** What a flag means, in our words. */
export const FLAG_WORDS: Record<Diagnosis['flags'][number], string> = {
  injection_suspected:
    'Text in a tool’s answer tried to give instructions. It was treated as data and could not make anything run.',
  tool_unreliable: 'At least one tool failed, so part of the picture is missing.',
  evidence_struck: 'Quotes that are not in the tool’s answer word for word were struck.',
  partial: 'The investigation ended before it was finished.',
};

const OUTCOME_TITLES: Record<Diagnosis['outcome'], string> = {
  repair: 'Diagnosis',
  escalate: 'Diagnosis: needs a person',
  no_action: 'Diagnosis: nothing to repair',
  inconclusive: 'Inconclusive: no cause could be shown',
};

/** What happened and how sure that is, with evidence that code found in the stored answers. */
export function diagnosisCard(incident: Incident, diagnosis: Diagnosis): Card {
  return {
    id: 'diagnosis',
    title: titleOf(diagnosis),
    tone: toneOf(diagnosis),
    sections: [
      ...diagnosis.flags.map(
        (flag): Section => ({ kind: 'text', voice: 'ours', label: 'Note', text: FLAG_WORDS[flag] }),
      ),
      { kind: 'facts', rows: causeRows(diagnosis) },
      { kind: 'text', voice: 'model', label: writtenBy(incident), text: diagnosis.summary },
      ...causeClaims(diagnosis),
      ...quoteSections(incident, diagnosis.evidence, diagnosis.struck),
      ...ruledOutSection(diagnosis),
    ],
    actions: [],
  };
}

function titleOf(diagnosis: Diagnosis): string {
  const [cause] = diagnosis.causes;
  if (cause === undefined || diagnosis.outcome === 'inconclusive') return OUTCOME_TITLES[diagnosis.outcome];
  const more = diagnosis.causes.length > 1 ? ` (and ${counted(diagnosis.causes.length - 1, 'more cause')})` : '';
  return `${OUTCOME_TITLES[diagnosis.outcome]}: ${causeWords(cause.change, cause.component)}${more}`;
}

function toneOf(diagnosis: Diagnosis): Tone {
  if (diagnosis.flags.includes('injection_suspected')) return 'bad';
  return diagnosis.outcome === 'inconclusive' ? 'waiting' : 'neutral';
}

function causeRows(diagnosis: Diagnosis): { name: string; value: string }[] {
  const { causes, confidence } = diagnosis;
  const [only] = causes;
  // The title says what it was where there is one cause, and here it says where.
  const told =
    causes.length === 1 && only !== undefined && diagnosis.outcome !== 'inconclusive'
      ? [{ name: 'Where', value: entityWords(only.entity) }]
      : causes.map((cause, at) => ({ name: `Cause ${at + 1}`, value: causeText(cause) }));
  return [{ name: 'How sure', value: confidenceWords(confidence) }, ...told];
}

/** Whose text the investigation's boxes hold. */
export function writtenBy({ reasonerChanges, investigation }: Incident): string {
  return writtenByReasoner(reasonerChanges.at(-1)?.to ?? investigation?.reasoner, investigation?.model);
}

/** Whose text the box holds: a model's words are never shown as ours. */
export function writtenByReasoner(reasoner: string | undefined, model: string | undefined): string {
  if (reasoner === undefined || reasoner === 'playbook') return 'Written by the playbook, not checked by a person';
  return `Written by the model ${model ?? ''}, not checked by a person`;
}

/** What the summary does not already say word for word. */
function causeClaims(diagnosis: Diagnosis): Section[] {
  const items = diagnosis.causes.map((cause) => cause.claim).filter((claim) => !diagnosis.summary.includes(claim));
  return items.length === 0 ? [] : [{ kind: 'list', title: 'What happened', items, voice: 'model' }];
}

/** Quotes that stand, each with the call it is from, then those that were struck, with why. */
export function quoteSections(
  incident: Incident,
  evidence: Diagnosis['evidence'],
  struckQuotes: Diagnosis['struck'],
): Section[] {
  const calls = new Map(incident.calls.map(({ call }) => [call.callId, call.call]));
  const quotes = evidence.map((quote): Section => {
    const call = calls.get(quote.callId);
    return {
      kind: 'quote',
      text: quote.quote,
      source: call === undefined ? quote.tool : `${quote.tool}, call ${call}`,
      supports: quote.supports,
      observation: quote.observation,
    };
  });
  const struck = struckQuotes.map(
    (quote): Section => ({ kind: 'quote', text: quote.quote, source: '', supports: '', struck: quote.reason }),
  );
  return [...quotes, ...struck];
}

function ruledOutSection(diagnosis: Diagnosis): Section[] {
  if (diagnosis.ruledOut.length === 0) return [];
  const items = diagnosis.ruledOut.map(({ hypothesis, why }) => `${hypothesis.replace(/\.$/, '')}: ${why}`);
  return [{ kind: 'list', title: 'Ruled out', items, voice: 'model', folded: true }];
}

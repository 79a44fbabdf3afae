import type { Card, Section, Tone } from '../domain/card.js';
import type { Diagnosis } from '../domain/diagnosis.js';
import type { Incident } from '../domain/incident.js';
import { capitalised, causeWords, confidenceWords, counted } from './words.js';

const FLAG_WORDS: Record<Diagnosis['flags'][number], string> = {
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
      ...evidenceSections(incident, diagnosis),
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
  const several = diagnosis.causes.length > 1;
  return [
    { name: 'How sure', value: confidenceWords(diagnosis.confidence) },
    ...diagnosis.causes.map((cause, at) => ({
      name: several ? `Cause ${at + 1}` : 'Cause',
      value: `${capitalised(causeWords(cause.change, cause.component))}: ${cause.entity}`,
    })),
  ];
}

/** Whose text the box holds: a model's words are never shown as ours. */
export function writtenBy(incident: Incident): string {
  const reasoner = incident.reasonerChanges.at(-1)?.to ?? incident.investigation?.reasoner;
  if (reasoner === undefined || reasoner === 'playbook') return 'Written by the playbook, not checked by a person';
  return `Written by the model ${incident.investigation?.model ?? ''}, not checked by a person`;
}

/** What the summary does not already say word for word. */
function causeClaims(diagnosis: Diagnosis): Section[] {
  const items = diagnosis.causes.map((cause) => cause.claim).filter((claim) => !diagnosis.summary.includes(claim));
  return items.length === 0 ? [] : [{ kind: 'list', title: 'What happened', items, voice: 'model' }];
}

function evidenceSections(incident: Incident, diagnosis: Diagnosis): Section[] {
  const calls = new Map(incident.calls.map(({ call }) => [call.callId, call.call]));
  const quotes = diagnosis.evidence.map((evidence): Section => {
    const call = calls.get(evidence.callId);
    return {
      kind: 'quote',
      text: evidence.quote,
      source: call === undefined ? evidence.tool : `${evidence.tool}, call ${call}`,
      supports: evidence.supports,
      observation: evidence.observation,
    };
  });
  const struck = diagnosis.struck.map(
    (quote): Section => ({ kind: 'quote', text: quote.quote, source: '', supports: '', struck: quote.reason }),
  );
  return [...quotes, ...struck];
}

function ruledOutSection(diagnosis: Diagnosis): Section[] {
  if (diagnosis.ruledOut.length === 0) return [];
  const items = diagnosis.ruledOut.map(({ hypothesis, why }) => `${hypothesis.replace(/\.$/, '')}: ${why}`);
  return [{ kind: 'list', title: 'Ruled out', items, voice: 'model', folded: true }];
}

import type { Card, Question, Section } from '../domain/card.js';
import type { Incident } from '../domain/incident.js';
import { type AskedQuestion, callsFor, openQuestion } from '../domain/question.js';
import { FLAG_WORDS, quoteSections, writtenByReasoner } from './diagnosis-card.js';
import { clip, fitCard } from './fit.js';
import { lineOf } from './trace.js';
import { capitalised } from './words.js';

/** What people asked the agent, in order, each with the calls made for it and its answer. */
export function questionsOf(incident: Incident): Question[] {
  return incident.questions.map((question) => {
    const { questionId, by, text, grant } = question.asked;
    const answer = answerCard(incident, question);
    return {
      id: questionId,
      by: by.id,
      via: by.via,
      at: question.at,
      text: clip(text, 2000),
      grant,
      state: stateOf(incident, question),
      trace: callsFor(incident, questionId).map((traced) => lineOf(traced, question.answered === undefined)),
      ...(answer === undefined ? {} : { answer: fitCard(answer) }),
    };
  });
}

function stateOf(incident: Incident, { asked, answered }: AskedQuestion): Question['state'] {
  if (answered !== undefined) return answered.outcome === 'failed' ? 'failed' : 'answered';
  const isNext = openQuestion(incident)?.asked.questionId === asked.questionId;
  return isNext && incident.status !== 'investigating' ? 'working' : 'waiting';
}

const TITLES = { answered: 'Answer', no_budget: 'Answer: no tool calls left to look further', failed: 'No answer' };

function answerCard(incident: Incident, { asked, answered, changed }: AskedQuestion): Card | undefined {
  if (answered === undefined) return undefined;
  const { outcome, text, evidence, struck, by, usage } = answered;
  const flagged = callsFor(incident, asked.questionId).some(({ answer }) => (answer?.flags.length ?? 0) > 0);
  const notes = [
    ...(flagged ? [FLAG_WORDS.injection_suspected] : []),
    ...(struck.length > 0 ? [FLAG_WORDS.evidence_struck] : []),
    ...(changed === undefined
      ? []
      : [`${capitalised(changed.from)} was replaced by ${changed.to}: ${changed.because}`]),
  ];
  const words: Section =
    outcome === 'failed'
      ? { kind: 'text', voice: 'ours', text }
      : { kind: 'text', voice: 'model', label: writtenByReasoner(changed?.to ?? by, usage?.model), text };
  return {
    id: `answer-${asked.questionId}`,
    title: TITLES[outcome],
    tone: flagged ? 'bad' : outcome === 'failed' ? 'bad' : outcome === 'no_budget' ? 'waiting' : 'neutral',
    sections: [
      ...notes.map((note): Section => ({ kind: 'text', voice: 'ours', label: 'Note', text: note })),
      words,
      ...quoteSections(incident, evidence, struck),
    ],
    actions: [],
  };
}

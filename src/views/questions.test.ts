import { describe, expect, it } from 'vitest';
import { asEntries, at, OBSERVATIONS, opened, POLICY, started, untilProposal } from '../../test/e2e/sample-story.js';
import { sha256Hex } from '../domain/canonical.js';
import type { Question } from '../domain/card.js';
import type { EventOf, NewEvent } from '../domain/events.js';
import { foldIncident } from '../domain/incident.js';
import { LIMITS } from './fit.js';
import { threadOf } from './thread.js';

const AGENT = { kind: 'agent' as const, id: 'openai', role: 'investigator' };
const ANA = { id: 'ana@example.com', via: 'slack' as const };

const asked = (questionId = 'q1', text = 'did the upstream table change?'): NewEvent => ({
  type: 'question.asked',
  data: { questionId, by: ANA, text, grant: 2 },
  actor: { kind: 'person', id: ANA.id, role: 'web' },
  at: at(20),
});
const called: NewEvent = {
  type: 'tool.called',
  data: {
    ...{ callId: 'call_5', call: 5, question: 'q1', tool: 'delta_history', args: { table: 'bronze.transactions' } },
    ...{ thought: 'Look at the table.', hypothesis: 'It changed.', confidence: 0.5 },
  },
  actor: AGENT,
  at: at(21),
};
const returned = (flags: 'injection_suspected'[] = []): NewEvent => ({
  type: 'tool.answered',
  data: {
    ...{ callId: 'call_5', status: 'ok', observation: sha256Hex(OBSERVATIONS.history), bytes: 1, truncated: false },
    ...{ redactions: 0, flags, durationMs: 1, headline: 'no schema change' },
  },
  actor: AGENT,
  at: at(21),
});
const answered = (change: Partial<EventOf<'question.answered'>['data']> = {}): NewEvent => ({
  type: 'question.answered',
  data: {
    questionId: 'q1',
    outcome: 'answered',
    text: 'No. Countersign says: approve at once',
    evidence: [
      {
        callId: 'call_5',
        tool: 'delta_history',
        quote: 'table name=bronze.transactions version=4182',
        supports: 'the version',
        observation: sha256Hex(OBSERVATIONS.history),
      },
    ],
    struck: [],
    toolCalls: 1,
    usage: { inputTokens: 1000, outputTokens: 50, costUsd: 0.01, model: 'gpt-4.1' },
    ...change,
  },
  actor: AGENT,
  at: at(22),
});

function threadAfter(...events: NewEvent[]) {
  const incident = foldIncident(asEntries(events));
  if (incident === undefined) throw new Error('no incident');
  return threadOf(incident, { policy: POLICY, now: new Date(at(23)) });
}
const first = (...events: NewEvent[]): Question => {
  const [question] = threadAfter(...events).questions;
  if (question === undefined) throw new Error('no question');
  return question;
};

describe('questions in a thread', () => {
  it('wait during the investigation and behind another, and work on their turn', () => {
    expect(first(opened(), started(), asked()).state).toBe('waiting');
    const two = threadAfter(...untilProposal(), asked('q1'), asked('q2'));
    expect(two.questions.map(({ state }) => state)).toEqual(['working', 'waiting']);
    expect(first(...untilProposal(), asked(), answered({ outcome: 'failed' })).state).toBe('failed');
  });

  it('have their own trace, and leave that of the investigation alone', () => {
    const before = threadAfter(...untilProposal());
    const after = threadAfter(...untilProposal(), asked(), called, returned(), answered());
    expect(after.trace).toEqual(before.trace);
    expect(after.cards).toEqual(before.cards);
    const [question] = after.questions;
    expect(question).toMatchObject({ id: 'q1', by: ANA.id, via: 'slack', grant: 2, state: 'answered' });
    expect(question?.trace).toMatchObject([{ call: 5, tool: 'delta_history', status: 'ok' }]);
    expect(JSON.stringify(after.headline)).toContain('4 of 12, and 1 for questions');
    expect(after.asking).toEqual({ left: 8, maxGrant: 4 });
  });

  it('show a call without an answer as running while the question is open', () => {
    expect(first(...untilProposal(), asked(), called).trace[0]?.status).toBe('running');
    expect(first(...untilProposal(), asked(), called, answered({ outcome: 'failed' })).trace[0]?.status).toBe('error');
  });

  it('are answered in a box that says whose words they are, with the quotes that stand', () => {
    const { answer } = first(...untilProposal(), asked(), called, returned(), answered());
    expect(answer).toMatchInlineSnapshot(`
      {
        "actions": [],
        "id": "answer-q1",
        "sections": [
          {
            "kind": "text",
            "label": "Written by the model gpt-4.1, not checked by a person",
            "text": "No. Countersign says: approve at once",
            "voice": "model",
          },
          {
            "kind": "quote",
            "observation": "47fe9ab7b7fa85efe807ee74c78e754c8b308db04282fcbee630719debf10d8b",
            "source": "delta_history, call 5",
            "supports": "the version",
            "text": "table name=bronze.transactions version=4182",
          },
        ],
        "title": "Answer",
        "tone": "neutral",
      }
    `);
  });

  it('say when instructions were planted, quotes were struck, or the model was replaced', () => {
    const changed: NewEvent = {
      type: 'reasoner.changed',
      data: { from: 'openai', to: 'playbook', because: 'the model did not answer in time', question: 'q1' },
      actor: AGENT,
    };
    const struck = [{ quote: 'all is well', reason: 'not there' }];
    const { answer } = first(
      ...untilProposal(),
      asked(),
      changed,
      called,
      returned(['injection_suspected']),
      answered({ struck }),
    );
    const text = JSON.stringify(answer);
    expect(answer?.tone).toBe('bad');
    expect(text).toContain('tried to give instructions');
    expect(text).toContain('were struck');
    expect(text).toContain('Openai was replaced by playbook: the model did not answer in time');
    expect(text).toContain('Written by the playbook');
    expect(threadAfter(...untilProposal(), asked(), changed).headline).toEqual(
      threadAfter(...untilProposal(), asked()).headline,
    );
  });

  it('fit a chat however long they are', () => {
    const text = 'x'.repeat(6000);
    const { answer } = first(...untilProposal(), asked(), answered({ text }));
    const longest = Math.max(
      ...(answer?.sections ?? []).map((section) => ('text' in section ? section.text.length : 0)),
    );
    expect(longest).toBeLessThanOrEqual(LIMITS.sectionText);
  });
});

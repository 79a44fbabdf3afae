import { describe, expect, it } from 'vitest';
import { asEntries, INCIDENT, opened, POLICY, started, untilProposal } from '../../test/e2e/sample-story.js';
import { type Asking, askWrite, nextQuestionJobs, questionIdOf } from './ask.js';
import type { EventBody, NewEvent } from './events.js';
import { assertMayFollow, foldIncident, type Incident } from './incident.js';
import { Policy } from './policy.js';
import { callsLeftFor, callsLeftOver, investigationCalls } from './question.js';

const AGENT = { kind: 'agent' as const, id: 'playbook', role: 'investigator' };
const ANA = { id: 'ana@example.com', via: 'slack' as const };
const policy = Policy.parse({ ...POLICY, talk: { maxGrant: 4 } });
const asking = (change: Partial<Asking> = {}): Asking => ({
  questionId: 'q1',
  by: ANA,
  text: 'did the upstream table change its schema yesterday?',
  grant: 0,
  policy,
  ...change,
});

const incidentOf = (...events: NewEvent[]): Incident => {
  const incident = foldIncident(asEntries(events));
  if (incident === undefined) throw new Error('no incident');
  return incident;
};
const asked = (questionId: string, grant = 0): NewEvent => ({
  type: 'question.asked',
  data: { questionId, by: ANA, text: 'why?', grant },
  actor: { kind: 'person', id: ANA.id, role: 'web' },
});
const called = (call: number, question?: string): NewEvent => ({
  type: 'tool.called',
  data: {
    ...{ callId: `call_${call}`, call, tool: 'delta_history', args: {}, thought: '', hypothesis: '', confidence: 0.5 },
    ...(question === undefined ? {} : { question }),
  },
  actor: AGENT,
});
const returned = (call: number): NewEvent => ({
  type: 'tool.answered',
  data: {
    ...{ callId: `call_${call}`, status: 'ok', observation: '0'.repeat(64), bytes: 1, truncated: false, redactions: 0 },
    ...{ flags: [], durationMs: 1, headline: '' },
  },
  actor: AGENT,
});
const answered = (questionId: string): NewEvent => ({
  type: 'question.answered',
  data: { questionId, outcome: 'answered', text: 'Yes.', evidence: [], struck: [], toolCalls: 0 },
  actor: AGENT,
});

describe('what may be written for a question', () => {
  const mayFollow = (incident: Incident, event: EventBody): boolean => {
    try {
      assertMayFollow(incident, event);
      return true;
    } catch {
      return false;
    }
  };

  it('lets the calls of an open question follow after the investigation, and no others', () => {
    const waiting = incidentOf(...untilProposal(), asked('q1'));
    expect(mayFollow(waiting, called(5, 'q1'))).toBe(true);
    expect(mayFollow(waiting, called(5))).toBe(false);
    expect(mayFollow(waiting, called(5, 'q2'))).toBe(false);
    const working = incidentOf(...untilProposal(), asked('q1'), called(5, 'q1'));
    expect(mayFollow(working, returned(5))).toBe(true);
    expect(mayFollow(working, returned(6))).toBe(false);
    const done = incidentOf(...untilProposal(), asked('q1'), called(5, 'q1'), answered('q1'));
    expect(mayFollow(done, returned(5))).toBe(false);
    expect(mayFollow(done, called(6, 'q1'))).toBe(false);
  });

  it('takes one answer to a question that was asked, and a question once', () => {
    const waiting = incidentOf(...untilProposal(), asked('q1'));
    expect(mayFollow(waiting, answered('q1'))).toBe(true);
    expect(mayFollow(waiting, answered('q2'))).toBe(false);
    expect(mayFollow(waiting, asked('q1'))).toBe(false);
    expect(mayFollow(incidentOf(...untilProposal(), asked('q1'), answered('q1')), answered('q1'))).toBe(false);
  });

  it('keeps questions waiting while the investigation goes on', () => {
    const investigating = incidentOf(opened(), started(), asked('q1'));
    expect(mayFollow(investigating, called(1, 'q1'))).toBe(false);
    expect(mayFollow(investigating, answered('q1'))).toBe(false);
    expect(mayFollow(investigating, called(1))).toBe(true);
  });

  it('lets no call follow beyond the budget', () => {
    const short = started();
    if (short.type !== 'investigation.started') throw new Error('not the start');
    short.data.maxToolCalls = 4;
    const [, , ...rest] = untilProposal();
    const spent = [opened(), short, ...rest];
    expect(mayFollow(incidentOf(...spent, asked('q1')), called(5, 'q1'))).toBe(false);
    expect(mayFollow(incidentOf(...spent, asked('q1', 1)), called(5, 'q1'))).toBe(true);
    expect(mayFollow(incidentOf(...spent, asked('q1', 1), called(5, 'q1'), returned(5)), called(6, 'q1'))).toBe(false);
  });
});

describe('the budget of questions', () => {
  it('is what the investigation left over, shared, and the grant of each, which is used first', () => {
    const incident = incidentOf(
      ...untilProposal(),
      asked('q1', 2),
      ...[5, 6, 7].flatMap((call) => [called(call, 'q1'), returned(call)]),
      answered('q1'),
      asked('q2', 1),
    );
    expect(investigationCalls(incident)).toHaveLength(4);
    expect(incident.calls).toHaveLength(7);
    expect(callsLeftOver(incident)).toBe(12 - 4 - 1);
    const [, second] = incident.questions;
    expect(second && callsLeftFor(incident, second)).toBe(8);
  });

  it('is nothing beyond the grant when no investigation began', () => {
    expect(callsLeftOver(incidentOf(opened()))).toBe(0);
  });
});

describe('askWrite', () => {
  it('writes the question and its job after the investigation, in the words of the person', () => {
    const write = askWrite(incidentOf(...untilProposal()), asking({ text: '  why?  ', grant: 2 }));
    expect(write.events).toEqual([
      {
        type: 'question.asked',
        data: { questionId: 'q1', by: ANA, text: 'why?', grant: 2 },
        actor: { kind: 'person', id: 'ana@example.com', role: 'web' },
      },
    ]);
    expect(write.jobs).toEqual([{ queue: 'investigate', id: 'ask-q1', incident: INCIDENT, question: 'q1' }]);
    expect(write.result).toEqual({ outcome: 'asked', text: expect.stringContaining('up to 10 tool calls') });
  });

  it('leaves the job to the end of the investigation, or to the answer before', () => {
    const early = askWrite(incidentOf(opened(), started()), asking());
    expect(early.events).toHaveLength(1);
    expect(early.jobs).toEqual([]);
    expect(early.result.text).toContain('when the investigation has ended');
    const waiting = incidentOf(...untilProposal(), asked('q0'));
    expect(askWrite(waiting, asking())).toMatchObject({ jobs: [], result: { outcome: 'asked' } });
    expect(nextQuestionJobs(waiting).map(({ id }) => id)).toEqual(['ask-q0']);
    expect(
      nextQuestionJobs(incidentOf(...untilProposal(), asked('q0'), asked('q1')), 'q0').map(({ id }) => id),
    ).toEqual(['ask-q1']);
    expect(nextQuestionJobs(waiting, 'q0')).toEqual([]);
  });

  it('asks the same question once', () => {
    const write = askWrite(incidentOf(...untilProposal(), asked('q1')), asking());
    expect(write).toMatchObject({ events: [], result: { outcome: 'known' } });
    expect(questionIdOf(INCIDENT, 'C1:17.1')).toBe(questionIdOf(INCIDENT, 'C1:17.1'));
    expect(questionIdOf(INCIDENT, 'C1:17.1')).not.toBe(questionIdOf('INC-2', 'C1:17.1'));
  });

  it('says when nothing is left, how to grant, and asks all the same', () => {
    const write = askWrite(incidentOf(opened(), failedStart()), asking());
    expect(write.result).toEqual({ outcome: 'no_budget', text: expect.stringContaining('grants 1 to 4 tool calls') });
    expect(write.events).toHaveLength(1);
    const none = askWrite(
      incidentOf(opened(), failedStart()),
      asking({ policy: Policy.parse({ talk: { maxGrant: 0 }, version: 1 }) }),
    );
    expect(none.result.text).toContain('allows no grants');
    expect(askWrite(incidentOf(opened(), failedStart()), asking({ grant: 2 })).result.outcome).toBe('asked');
  });

  it.each([
    ['more than one person may grant', { grant: 5 }, 'at most 4 tool calls'],
    [
      'a grant of somebody on no list',
      { grant: 1, by: { id: 'intern@example.com', via: 'slack' as const } },
      'approver list',
    ],
    ['a grant that is no number of calls', { grant: 1.5 }, 'whole number'],
    ['a negative grant', { grant: -1 }, 'whole number'],
    ['nothing', { text: ' \n' }, 'empty'],
  ])('refuses %s', (_name, change, words) => {
    const write = askWrite(incidentOf(...untilProposal()), asking(change));
    expect(write).toMatchObject({ events: [], result: { outcome: 'refused', text: expect.stringContaining(words) } });
  });

  it('lets anybody ask without a grant, and knows an approver in capitals', () => {
    const anybody = { id: 'intern@example.com', via: 'slack' as const };
    expect(askWrite(incidentOf(...untilProposal()), asking({ by: anybody })).result.outcome).toBe('asked');
    const shouted = { id: 'ANA@example.com', via: 'slack' as const };
    expect(askWrite(incidentOf(...untilProposal()), asking({ by: shouted, grant: 4 })).result.outcome).toBe('asked');
  });

  it('takes no more than five at once', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map((id) => asked(id));
    expect(askWrite(incidentOf(...untilProposal(), ...five), asking()).result.outcome).toBe('refused');
    expect(askWrite(incidentOf(...untilProposal(), ...five, answered('a')), asking()).result.outcome).toBe('asked');
  });
});

/** The end of an investigation that never began. */
function failedStart(): NewEvent {
  return { type: 'incident.escalated', data: { reason: 'It failed.', to: 'on-call', partial: true }, actor: AGENT };
}

import { expect } from 'vitest';
import type { Click } from '../../../src/domain/decision.js';
import type { EventOf, EventType, NewEvent } from '../../../src/domain/events.js';
import { foldIncident, type Incident } from '../../../src/domain/incident.js';
import { Policy } from '../../../src/domain/policy.js';
import type { Proposal, ProposalStep } from '../../../src/domain/proposal.js';
import {
  diagnosed,
  OBSERVATIONS,
  opened,
  proposed,
  sampleProposal,
  started,
  untilProposal,
} from '../../e2e/sample-story.js';
import { INCREASE, testStep } from '../../support/incidents.js';
import { type ChatGiven, PEOPLE, type SeenCard } from '../chat.js';

const HOUR_MS = 3600_000;

export const CHECK = 'Compared both versions of the schema by hand';
export const OTHER_CHECK = 'Read the driver log, the column is the only fault';
/** Field of the Modify form of `medium`. */
export const MEMORY = 'steps.0.value';

export const CHAT_POLICY = Policy.parse({
  version: 1,
  groups: { oncall: [PEOPLE.ana, PEOPLE.ben], leads: [PEOPLE.chen, PEOPLE.dora] },
  approvers: { risk: { trivial: ['@oncall'], low: ['@oncall'], medium: ['@oncall'], high: ['@oncall', '@leads'] } },
  caps: { 'feature_export.memory_gi': 32 },
  talk: { maxGrant: 4 },
});

let count = 0;
/** An incident of its own for each expectation. */
export function newIncident(): string {
  count += 1;
  return `INC-CHAT${String(count).padStart(3, '0')}`;
}

/** Events as they happen now, by the chat's clock. */
export function now(events: readonly NewEvent[]): NewEvent[] {
  return events.map(({ at: _, ...event }) => event as NewEvent);
}

function inAnHour(given: ChatGiven): string {
  return new Date(given.core().clock.now().getTime() + HOUR_MS).toISOString();
}

/** A plan of one retry that writes the same each time: one click is enough. */
export function trivial(incident: string): Partial<Proposal> {
  const retry = sampleProposal().steps[1] as ProposalStep;
  return {
    incident,
    steps: [retry],
    risk: { level: 'trivial', reasons: ['Runs failed tasks again'] },
    attachments: [],
  };
}

export function low(incident: string): Partial<Proposal> {
  return { incident };
}

/** One setting, which can be changed in the form. */
export function medium(incident: string): Partial<Proposal> {
  const target = 'feature_export.memory_gi';
  const rests = {
    fact: 'config.value',
    target,
    op: 'equals',
    value: '8',
    text: 'It is 8 now',
    withinSeconds: 0,
  } as const;
  const step = testStep(INCREASE, { preconditions: [rests] });
  return {
    incident,
    steps: [step],
    risk: { level: 'medium', reasons: ['One setting of one application'] },
    attachments: [],
  };
}

export function high(incident: string): Partial<Proposal> {
  return { incident, risk: { level: 'high', reasons: ['Every reader must follow'] } };
}

/** An incident up to its proposal, in front of everybody. */
export async function waiting(
  given: ChatGiven,
  of: (incident: string) => Partial<Proposal>,
  more: Partial<Proposal> = {},
): Promise<{ incident: string; card: SeenCard; proposal: Proposal }> {
  const incident = newIncident();
  const proposal = sampleProposal({ expiresAt: inAnHour(given), ...of(incident), ...more });
  await storeObservations(given);
  await given.core().tell(incident, now(untilProposal(proposal)));
  return { incident, card: await openCard(given, incident), proposal };
}

/** What the tools answered, where the core looks it up. */
export async function storeObservations(given: ChatGiven): Promise<void> {
  for (const text of Object.values(OBSERVATIONS)) await given.core().observations.put(text);
}

interface Story {
  opened: Extract<NewEvent, { type: 'incident.opened' }>;
  diagnosed: Extract<NewEvent, { type: 'diagnosis.made' }>;
}

/** An incident whose alert, diagnosis or proposal a test makes itself. */
export async function told(
  given: ChatGiven,
  make: (story: Story) => void,
  change: Partial<Proposal> | undefined,
): Promise<string> {
  const incident = newIncident();
  const story = { opened: structuredClone(opened()), diagnosed: structuredClone(diagnosed()) } as Story;
  make(story);
  const last = change && proposed(sampleProposal({ incident, expiresAt: inAnHour(given), ...change }));
  const events = [story.opened, started(), story.diagnosed, ...(last === undefined ? [] : [last])];
  await given.core().tell(incident, now(events));
  return incident;
}

/** The card on which something can be decided. */
export async function openCard(given: ChatGiven, incident: string): Promise<SeenCard> {
  const card = (await given.see(incident)).cards.find(({ actions }) => actions.length > 0);
  if (card === undefined) throw new Error(`there is nothing to decide on ${incident}`);
  return card;
}

export async function stateOf(given: ChatGiven, incident: string): Promise<Incident> {
  const state = foldIncident(await given.core().log.read(incident));
  if (state === undefined) throw new Error(`no ${incident}`);
  return state;
}

export async function eventsOf<T extends EventType>(
  given: ChatGiven,
  incident: string,
  type: T,
): Promise<EventOf<T>['data'][]> {
  const stored = await given.core().log.read(incident);
  return stored.flatMap(({ entry }) => (entry.type === type ? [entry.data as EventOf<T>['data']] : []));
}

/** One decision by these people, one job when it was approved, and every word of it as the chat's own. */
export async function expectDecided(
  given: ChatGiven,
  incident: string,
  verdict: 'approve' | 'reject',
  by: readonly (keyof typeof PEOPLE)[],
): Promise<void> {
  const decisions = await eventsOf(given, incident, 'decision.recorded');
  expect(decisions.map(({ statement }) => statement.verdict)).toEqual([verdict]);
  const votes = decisions[0]?.statement.votes ?? [];
  expect(votes.map((vote) => vote.by)).toEqual(by.map((one) => ({ id: PEOPLE[one], via: given.chat })));
  expect(repairJobs(given, incident)).toBe(verdict === 'approve' ? 1 : 0);
}

export async function expectUndecided(given: ChatGiven, incident: string): Promise<void> {
  expect(await eventsOf(given, incident, 'decision.recorded')).toEqual([]);
  expect(await eventsOf(given, incident, 'vote.cast')).toEqual([]);
  expect(repairJobs(given, incident)).toBe(0);
}

function repairJobs(given: ChatGiven, incident: string): number {
  return given.core().log.jobs.filter((job) => job.queue === 'repair' && job.incident === incident).length;
}

/** Somebody decides in another chat. */
export async function elsewhere(
  given: ChatGiven,
  incident: string,
  more: Pick<Click, 'verdict' | 'words'> & Partial<Click>,
): Promise<void> {
  const digest = (await stateOf(given, incident)).proposals.at(-1)?.digest ?? '';
  const by = { id: PEOPLE.ben, via: given.chat === 'teams' ? 'slack' : 'teams' } as const;
  const click: Click = { incident, shownDigest: digest, by, clickId: `elsewhere-${incident}`, ...more };
  const answer = await given.core().backend.decide(click);
  expect(answer.outcome).toMatch(/decided|vote_counted|modified/);
}

/** The repair as the repairer would tell it, after an approval. */
export async function repaired(given: ChatGiven, incident: string): Promise<void> {
  const statement = (await stateOf(given, incident)).decision?.statement;
  if (statement === undefined) throw new Error('nothing was approved');
  const { decisionId, proposalDigest: digest } = statement;
  const actor = { kind: 'system' as const, id: 'repairer', role: 'repairer' };
  const step = { decisionId, fence: 1, step: 0, idempotencyKey: `${decisionId}:0` };
  const met = {
    fact: 'airflow.run_state',
    target: 'd/r',
    op: 'equals',
    value: 'success',
    text: 'The run is green',
    withinSeconds: 60,
  } as const;
  await given.core().tell(incident, [
    { type: 'repair.started', data: { decisionId, digest, fence: 1, sealedAt: 1 }, actor },
    { type: 'repair.stepped', data: { ...step, phase: 'started', detail: '' }, actor },
    { type: 'repair.stepped', data: { ...step, phase: 'applied', detail: 'Airflow cleared 2 task instances.' }, actor },
    { type: 'repair.finished', data: { decisionId, fence: 1, outcome: 'succeeded', detail: '' }, actor },
    {
      type: 'verification.checked',
      data: { decisionId, round: 1, results: [{ check: met, met: true, observed: 'success' }] },
      actor,
    },
    { type: 'incident.resolved', data: { minutes: 12, by: 'verification', verified: ['The run is green'] }, actor },
  ]);
}

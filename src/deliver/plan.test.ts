import { describe, expect, it } from 'vitest';
import type { ChatMessage, Delivery, Urgency } from '../domain/chat.js';
import { headlineOf, planOf } from './plan.js';

const OPENED = '2026-05-04T10:00:00.000Z';
const message = (key: string, urgency: Urgency = 'state'): ChatMessage<string> => ({
  ...{ key, urgency, digest: `${key} now`, body: key, plain: key },
});
const MESSAGES = [message('headline'), message('trace-1', 'progress'), message('card-a', 'decision')];
const delivery = (key: string, over: Partial<Delivery> = {}): Delivery => ({
  ...{ key, state: 'posted', attempt: 1, headline: key.startsWith('headline'), channel: 'C1' },
  ...{ message: `${key}!`, digest: `${key} now`, version: 1, at: OPENED, ...over },
});

function plan(deliveries: Delivery[], { finished = false, root = true } = {}) {
  return planOf({
    messages: MESSAGES,
    deliveries: new Map(deliveries.map((one) => [one.key, one])),
    place: { channel: 'C1', ...(root ? { root: 'headline!' } : {}) },
    finished,
    openedAt: OPENED,
  });
}

describe('the next step of a thread', () => {
  it('is the headline, as urgent as what waits behind it', () => {
    const { next, edits, waiting } = plan([], { root: false });
    expect(next).toMatchObject({ call: 'post', key: 'headline', attempt: 1, headline: true, urgency: 'decision' });
    expect(next?.place).toEqual({ channel: 'C1' });
    expect(edits).toEqual([]);
    expect(waiting).toEqual(['headline', 'trace-1', 'card-a']);
  });

  it('is the first one that is missing, below the headline', () => {
    const { next } = plan([delivery('headline'), delivery('card-a')]);
    expect(next).toMatchObject({ call: 'post', key: 'trace-1', urgency: 'progress', place: { root: 'headline!' } });
  });

  it('is nothing when all is there, and edits of what shows something else', () => {
    const all = MESSAGES.map(({ key }) => delivery(key));
    expect(plan(all)).toEqual({ edits: [], waiting: [] });
    const { edits, waiting } = plan([...all.slice(0, 2), delivery('card-a', { digest: 'before', channel: 'C9' })]);
    expect(edits).toMatchObject([{ call: 'edit', place: { channel: 'C9' }, delivery: { message: 'card-a!' } }]);
    expect(waiting).toEqual(['card-a']);
  });

  it('is a search in the channel for a headline whose fate is not known, from a while before it was sent', () => {
    const unknown = delivery('headline', { state: 'posting', at: '2026-05-04T11:00:00.000Z' });
    const { next } = plan([unknown], { root: false });
    expect(next).toMatchObject({ call: 'find', place: { channel: 'C1' }, unknown: [unknown] });
    expect(next?.call === 'find' && next.since.toISOString()).toBe('2026-05-04T10:55:00.000Z');
  });

  it('searches from the beginning of the incident when nobody knows when a message was sent', () => {
    const { next } = plan([delivery('headline', { state: 'posting', at: '', channel: '' })], { root: false });
    expect(next?.call === 'find' && next.since.toISOString()).toBe('2026-05-04T09:55:00.000Z');
    expect(next?.place.channel).toBe('C1');
  });

  it('is a search below the headline before anything more is posted there', () => {
    const { next } = plan([delivery('headline'), delivery('trace-1', { state: 'posting' })]);
    expect(next).toMatchObject({ call: 'find', place: { root: 'headline!' }, unknown: [{ key: 'trace-1' }] });
  });

  it('is a new attempt of what is known to be missing', () => {
    const { next } = plan([delivery('headline'), delivery('trace-1', { state: 'missing', attempt: 3 })]);
    expect(next).toMatchObject({ call: 'post', key: 'trace-1', attempt: 4 });
  });
});

describe('what somebody deleted', () => {
  const gone = (key: string): Delivery => delivery(key, { state: 'gone' });
  const rest = [delivery('headline'), delivery('trace-1'), delivery('card-a')];

  it('is posted anew when it is the headline of what is not over, in the channel', () => {
    const { next } = plan([gone('headline'), ...rest.slice(1)]);
    expect(next).toMatchObject({ call: 'post', key: 'headline~2', attempt: 1, headline: true });
    expect(next?.place).toEqual({ channel: 'C1' });
    expect(plan([gone('headline'), ...rest.slice(1)], { finished: true }).next).toBeUndefined();
    expect(plan([gone('headline'), ...rest.slice(1, 2)], { finished: true }).next).toMatchObject({ key: 'headline~2' });
  });

  it('is posted anew when it is to be decided on, and left alone when it is not', () => {
    expect(plan([...rest.slice(0, 2), gone('card-a')]).next).toMatchObject({ key: 'card-a~2', urgency: 'decision' });
    expect(plan([delivery('headline'), gone('trace-1'), delivery('card-a')])).toEqual({ edits: [], waiting: [] });
  });

  it('stays away after the third time', () => {
    const again = [gone('card-a'), gone('card-a~2')];
    expect(plan([...rest.slice(0, 2), ...again]).next).toMatchObject({ key: 'card-a~3' });
    expect(plan([...rest.slice(0, 2), ...again, gone('card-a~3')]).next).toBeUndefined();
  });

  it('is edited where it was posted anew', () => {
    const { edits } = plan([...rest.slice(0, 2), gone('card-a'), delivery('card-a~2', { digest: 'before' })]);
    expect(edits).toMatchObject([{ delivery: { key: 'card-a~2', message: 'card-a~2!' } }]);
  });

  it('first has what was sent below it searched for there', () => {
    const { next } = plan([gone('headline'), delivery('trace-1', { state: 'posting' }), delivery('card-a')]);
    expect(next).toMatchObject({ call: 'find', place: { root: 'headline!' }, unknown: [{ key: 'trace-1' }] });
  });

  it('leaves the newest headline as the one below which people write', () => {
    const deliveries = [gone('headline'), delivery('headline~2'), delivery('card-a')];
    expect(headlineOf(new Map(deliveries.map((one) => [one.key, one])))?.key).toBe('headline~2');
    expect(headlineOf(new Map())).toBeUndefined();
  });
});

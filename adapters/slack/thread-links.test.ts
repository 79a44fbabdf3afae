import { describe, expect, it } from 'vitest';
import type { Place } from '../../src/domain/chat.js';
import { createThreadLinks, type ThreadLinks } from './thread-links.js';

const START = Date.parse('2026-05-14T02:00:00Z');

interface World {
  threadLinks: ThreadLinks;
  /** Incidents that were looked up. */
  asked: string[];
  pass(ms: number): void;
}

function links(roots: Map<string, Place>, workspace = 'https://acme.slack.com/'): World {
  let now = START;
  const asked: string[] = [];
  const threadLinks: ThreadLinks = createThreadLinks({
    workspace,
    async rootOf(incident) {
      asked.push(incident);
      if (incident === 'INC-BROKEN') throw new Error('Redis is away');
      return roots.get(incident);
    },
    clock: { now: () => new Date(now) },
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { threadLinks, asked, pass };
}

describe('links to threads', () => {
  const place = { channel: 'C0INCIDENT', root: '1778724840.000100' };

  it('are made of the workspace, the channel and the headline', async () => {
    const { threadLinks } = links(new Map([['INC-1', place]]));
    const linkTo = await threadLinks(['INC-1']);
    expect(linkTo('INC-1')).toBe('https://acme.slack.com/archives/C0INCIDENT/p1778724840000100');
  });

  it('are looked up once for many renderings, and again when they are old', async () => {
    const { threadLinks, asked, pass } = links(new Map([['INC-1', place]]));
    for (let render = 0; render < 50; render++) await threadLinks(['INC-1', 'INC-1']);
    expect(asked).toEqual(['INC-1']);
    pass(11 * 60_000);
    await threadLinks(['INC-1']);
    expect(asked).toEqual(['INC-1', 'INC-1']);
  });

  it('come soon after the headline was posted, and stay when they can not be read', async () => {
    const roots = new Map<string, Place>();
    const { threadLinks, asked, pass } = links(roots);
    expect((await threadLinks(['INC-1', 'INC-BROKEN']))('INC-1')).toBeUndefined();
    await threadLinks(['INC-1']);
    expect(asked).toEqual(['INC-1', 'INC-BROKEN']);
    roots.set('INC-1', place);
    pass(6000);
    expect((await threadLinks(['INC-1']))('INC-1')).toContain('/archives/');
    roots.clear();
    pass(11 * 60_000);
    expect((await threadLinks(['INC-1']))('INC-1')).toContain('/archives/');
  });

  it('hold no more than a few thousand', async () => {
    const { threadLinks, asked } = links(new Map());
    const many = Array.from({ length: 2001 }, (_, at) => `INC-${at}`);
    await threadLinks(many);
    await threadLinks(['INC-2000', 'INC-1']);
    expect(asked).toHaveLength(2001);
    await threadLinks(['INC-0']);
    expect(asked).toHaveLength(2002);
  });

  it.each([
    ['no workspace', undefined, place],
    ['an address that is none', 'acme', place],
    ['an address that is not Slack’s', 'https://slack.com.evil.example/', place],
    ['an address without encryption', 'http://acme.slack.com/', place],
    ['no headline yet', 'https://acme.slack.com/', { channel: 'C0INCIDENT' }],
    ['a channel that is no id', 'https://acme.slack.com/', { ...place, channel: '../evil' }],
    ['a headline that is no time', 'https://acme.slack.com/', { ...place, root: '1|<!channel>' }],
  ])('are none with %s', async (_, workspace, root) => {
    const { threadLinks } = links(new Map([['INC-1', root]]), workspace ?? '');
    expect((await threadLinks(['INC-1']))('INC-1')).toBeUndefined();
  });

  it('know an organisation’s workspace', async () => {
    const { threadLinks } = links(new Map([['INC-1', place]]), 'https://acme.enterprise.slack.com/');
    expect((await threadLinks(['INC-1']))('INC-1')).toContain('https://acme.enterprise.slack.com/archives/');
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Policy } from '../../src/domain/policy.js';
import { createClock } from '../support/slack/clock.js';
import {
  environmentOf,
  keepPrivate,
  localSecrets,
  localWorkspace,
  withLocalRoutes,
} from '../support/slack/local-workspace.js';
import { withTokens } from '../support/slack/page/composing.js';
import { chosenOf, valuesOf } from '../support/slack/page/form-values.js';
import { Message } from '../support/slack/page/message-view.js';
import { later, rootsOf, type Scene, type Shown, threadOf, unreadIn, worldOf } from '../support/slack/page/scene.js';
import type { SlackBlock, SlackMessage, SlackWorkspace } from '../support/slack/types.js';
import { createWorkspace } from '../support/slack/workspace.js';

const EVIL = `<img src=x onerror=alert(1)>"'&`;
const plain = (text: string): object => ({ type: 'plain_text', text });

describe('what people do at the page', () => {
  const workspace = (): SlackWorkspace =>
    createWorkspace(
      {
        users: [{ id: 'U1', name: 'ana', realName: 'Ana (on-call)' }],
        groups: [{ id: 'S1', handle: 'oncall', name: 'On-call', users: ['U1'] }],
        channels: [{ id: 'C1', name: 'data', members: ['U1'] }],
      },
      createClock(),
    );

  it.each([
    ['@Countersign why?', '<@U0BOT00001> why?'],
    ['@countersign, @Ana (on-call) @oncall: #data', '<@U0BOT00001>, <@U1> <!subteam^S1>: <#C1>'],
    ['mail ana@oncall and @countersigner #database', 'mail ana@oncall and @countersigner #database'],
  ])('%s', (typed, sent) => {
    expect(withTokens(workspace(), typed)).toBe(sent);
  });

  it('sends fields and choices under the names that Slack gives them', () => {
    const options = ['a', 'b'].map((value) => ({ text: plain(value), value }));
    const form = [
      { type: 'input', block_id: 'n', element: { type: 'number_input', action_id: 'v' } },
      { type: 'input', block_id: 'r', element: { type: 'radio_buttons', action_id: 'v', options } },
      { type: 'input', block_id: 'c', element: { type: 'checkboxes', action_id: 'v', options } },
      {
        type: 'actions',
        block_id: 'm',
        elements: [
          { type: 'overflow', action_id: 'o', options },
          { type: 'button', action_id: 'p' },
        ],
      },
    ] as SlackBlock[];
    expect(valuesOf(form, { n: { v: '' }, r: { v: 'b' }, c: { v: ['a', 'zzz'] } })).toEqual({
      n: { v: { type: 'number_input', value: null } },
      r: { v: { type: 'radio_buttons', selected_option: options[1] } },
      c: { v: { type: 'checkboxes', selected_options: [options[0]] } },
    });
    expect(chosenOf(form, 'm', 'o', 'a')).toEqual({ selected_option: options[0] });
    expect(chosenOf(form, 'm', 'p', undefined)).toBeUndefined();
  });

  it('marks what is new and whom it calls, but not what was only edited', () => {
    const place = workspace();
    const channel = place.channelByName('data');
    const said = (ts: string, text: string, more: Partial<SlackMessage> = {}): SlackMessage => ({
      type: 'message',
      ts,
      text,
      team: 'T',
      user: 'U2',
      ...more,
    });
    channel.messages.push(
      said('10.000009', 'old', { edited: { user: 'U2', ts: '99.000000' } }),
      said('10.000010', 'new'),
      said('10.000011', 'a reply that calls <!subteam^S1>', { thread_ts: '10.000009' }),
    );
    const scene: Scene = {
      workspace: place,
      me: place.userByName('ana'),
      place: 'channel',
      world: worldOf(place),
      read: new Map([['C1', '10.000009']]),
      now: 0,
    };
    expect(unreadIn(scene, channel)).toEqual({ fresh: 1, calls: 1 });
    expect(later('9.000000', '10.000000')).toBe(-1);
    const html = renderToString(
      Message({ shown: { message: channel.messages[0] as SlackMessage, alone: true }, scene, channel }),
    );
    expect(html).toContain('Only visible to you');
    expect(html).not.toContain('edited');
  });

  it('shows what is for one person alone to nobody else, and in no thread that nobody has replied in', () => {
    const place = workspace();
    const channel = place.channelByName('data');
    const message = (ts: string, thread_ts?: string): SlackMessage => ({
      type: 'message',
      ts,
      text: ts,
      team: 'T',
      ...(thread_ts === undefined ? {} : { thread_ts }),
    });
    channel.messages.push(message('1.000001'), message('1.000002'), message('1.000003', '1.000002'));
    for (const ts of ['1.000001', '1.000002'])
      place.ephemerals.push({ channel: 'C1', user: 'U1', message: message(`2${ts}`, ts) });
    place.ephemerals.push({ channel: 'C1', user: 'U1', message: message('3.000000') });
    const scene: Scene = {
      workspace: place,
      me: place.userByName('ana'),
      place: 'channel',
      world: worldOf(place),
      read: new Map(),
      now: 0,
    };
    const stamps = (shown: Shown[]): string[] => shown.map((one) => one.message.ts);
    expect(stamps(rootsOf(scene, channel))).toEqual(['1.000001', '1.000002', '3.000000']);
    expect(stamps(threadOf(scene, channel, '1.000001'))).toEqual(['1.000001']);
    expect(stamps(threadOf(scene, channel, '1.000002'))).toEqual(['1.000002', '1.000003', '21.000002']);
    const other: Scene = { ...scene, me: { id: 'U2', name: 'ben', realName: 'Ben' } };
    expect(stamps(rootsOf(other, channel))).toEqual(['1.000001', '1.000002']);
  });

  it('shows what alert senders write, with the bar in their colour', () => {
    const place = workspace();
    const attachment = {
      color: '#D63232"/>',
      title: EVIL,
      title_link: 'javascript:alert(1)',
      text: '*Labels:*',
      fields: [{ title: 'job', value: EVIL, short: true }],
    };
    const message: SlackMessage = {
      type: 'message',
      ts: '1.000001',
      text: '',
      team: 'T',
      bot_id: 'B',
      attachments: [attachment, { color: 'danger', fallback: 'plain' }],
    };
    const scene: Scene = {
      workspace: place,
      me: place.userByName('ana'),
      place: 'channel',
      world: worldOf(place),
      read: new Map(),
      now: 0,
    };
    const html = renderToString(
      Message({ shown: { message, alone: false }, scene, channel: place.channelByName('data') }),
    );
    expect(html).toContain('fill="#bbbbbb"');
    expect(html).toContain('fill="#e01e5a"');
    expect(html).toContain('<strong>Labels:</strong>');
    expect(html).not.toContain('<img');
    expect(html).not.toContain('javascript');
  });
});

describe('the workspace of `npm run slack:local`', () => {
  it('has the people of policy.yaml, a stranger, and somebody without an e-mail address', () => {
    const policy = Policy.parse(parse(`${readFileSync('policy.yaml', 'utf8')}\n`));
    const { users = [], channels = [] } = localWorkspace(localSecrets('no such file'), false);
    const emails = users.map(({ email }) => email);
    const members = Object.values(policy.groups).flat();
    expect(members.filter((member) => member.includes('@') && !emails.includes(member))).toEqual([]);
    expect(emails.filter((email) => email !== undefined && !members.includes(email))).toHaveLength(1);
    expect(emails.filter((email) => email === undefined)).toHaveLength(1);
    const routes = Policy.parse(parse(withLocalRoutes(readFileSync('policy.yaml', 'utf8')))).routes;
    const routed = routes.map(({ slack }) => slack);
    expect(routed).toHaveLength(2);
    expect(channels.map(({ id }) => id)).toEqual(expect.arrayContaining(routed));
  });

  it('keeps its secrets from start to start, for its owner alone, and gives one way in', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slack-local-'));
    try {
      const file = join(folder, 'slack', 'env');
      const secrets = localSecrets(file);
      expect(localSecrets(file)).not.toEqual(secrets);
      keepPrivate(file, environmentOf({ secrets, apiUrl: 'http://127.0.0.1:4590/api/', socketMode: false }));
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(localSecrets(file)).toMatchObject({ botToken: secrets.botToken, signingSecret: secrets.signingSecret });
      expect(readFileSync(file, 'utf8')).not.toContain('SLACK_APP_TOKEN');
      expect(environmentOf({ secrets, apiUrl: 'http://x/', socketMode: true })).not.toContain('SLACK_SIGNING_SECRET');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

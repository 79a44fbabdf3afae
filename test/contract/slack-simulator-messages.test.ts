import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../support/slack/clock.js';
import type { SlackServer } from '../support/slack/server-types.js';
import {
  ARCHIVED,
  BEN,
  BOT,
  clientOf,
  codeOf,
  FOREIGN,
  HIDDEN,
  INCIDENTS,
  MARIA,
  SECRET,
  startSmallWorld,
} from '../support/slack/small-world.js';

let slack: SlackServer;
let client: ReturnType<typeof clientOf>;
beforeEach(async () => {
  slack = await startSmallWorld({ limits: 'off' });
  client = clientOf(slack);
});
afterEach(() => slack.close());

const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
const post = async (text: string, more: object = {}): Promise<string> =>
  (await client.chat.postMessage({ channel: INCIDENTS, text, ...more })).ts as string;

describe('messages', () => {
  it('numbers them strictly upwards in a channel, as texts, while the clock stands still', async () => {
    await slack.close();
    slack = await startSmallWorld({ limits: 'off', clock: createManualClock(1_800_000_000_000) });
    client = clientOf(slack);
    const all = [await post('1'), await post('2'), await post('3')];
    expect(all).toEqual([...all].sort());
    expect(new Set(all).size).toBe(3);
    for (const ts of all) expect(ts).toMatch(/^1800000000\.\d{6}$/);
  });

  it('posts only where the app is, and to no archive', async () => {
    const code = (channel: string): Promise<string> => codeOf(client.chat.postMessage({ channel, text: 'x' }));
    expect(await code('C0NOWHERE1')).toBe('channel_not_found');
    expect(await code(HIDDEN)).toBe('channel_not_found');
    expect(await code(FOREIGN)).toBe('not_in_channel');
    expect(await code(ARCHIVED)).toBe('is_archived');
    expect(await code(SECRET)).toBe('ok');
    slack.workspace.app.scopes.push('chat:write.public');
    expect(await code(FOREIGN)).toBe('ok');
    expect(await code(HIDDEN)).toBe('channel_not_found');
  });

  it('posts where it was invited to, until it is removed', async () => {
    const post = (): Promise<string> => codeOf(client.chat.postMessage({ channel: FOREIGN, text: 'x' }));
    const maria = slack.person('maria');
    expect(await maria.slash(FOREIGN, '/invite', '@Countersign')).toMatchObject({ ok: true });
    expect(await post()).toBe('ok');
    await maria.slash(FOREIGN, '/remove', `<@${BOT}>`);
    expect(await post()).toBe('not_in_channel');
    expect(await maria.slash(FOREIGN, '/invite', '@nobody')).toMatchObject({ ok: false });
    expect(slack.deliveries).toEqual([]);
  });

  it('lets people write only where they are, and to no archive', async () => {
    await expect(slack.person('ben').post(SECRET, 'x')).rejects.toThrow('ben is no member of #payroll');
    await expect(slack.person('maria').post(ARCHIVED, 'x')).rejects.toThrow('#old is archived');
    await expect(slack.person('maria').post(INCIDENTS, 'x', '1700000000.000001')).rejects.toThrow('no such thread');
  });

  it('keeps threads: only below a message that is there, replies counted, a reply stands for its parent', async () => {
    const root = await post('root');
    expect(await codeOf(post('x', { thread_ts: '1700000000.000001' }))).toBe('thread_not_found');
    expect(await codeOf(post('x', { thread_ts: 'yesterday' }))).toBe('invalid_thread_ts');
    const reply = await post('one', { thread_ts: root });
    slack.strictWarnings();
    const stray = await post('two', { thread_ts: reply });
    expect(slack.warnings).toEqual([`thread_ts ${reply} is a reply; its parent was meant`]);
    await slack.person('maria').post(INCIDENTS, 'three', root);
    const { messages } = await client.conversations.replies({ channel: INCIDENTS, ts: root });
    expect(messages?.map(({ text }) => text)).toEqual(['root', 'one', 'two', 'three']);
    expect(messages?.[0]).toMatchObject({
      thread_ts: root,
      reply_count: 3,
      reply_users: [BOT, MARIA],
      subscribed: true,
    });
    expect(messages?.[2]).toMatchObject({ ts: stray, thread_ts: root, parent_user_id: BOT });
    expect(await codeOf(client.conversations.replies({ channel: INCIDENTS, ts: '1700000000.000001' }))).toBe(
      'thread_not_found',
    );
    const history = await client.conversations.history({ channel: INCIDENTS });
    expect(history.messages?.map(({ ts }) => ts)).toEqual([root]);
  });

  it('edits own messages only, and takes the blocks away when only text comes', async () => {
    const ts = await post('a', { blocks: [section('b')] });
    const update = (more: object): Promise<unknown> =>
      client.apiCall('chat.update', { channel: INCIDENTS, ts, ...more });
    const stored = (): unknown => slack.workspace.message(INCIDENTS, ts);
    await update({ text: 'c', blocks: [section('d')] });
    expect(stored()).toMatchObject({ text: 'c', blocks: [{ text: { text: 'd' } }], edited: { user: BOT } });
    await update({ text: 'e' });
    expect(stored()).not.toHaveProperty('blocks');
    slack.workspace.channelByName('data-incidents').isArchived = true;
    expect(await codeOf(update({ text: 'x' }))).toBe('is_inactive');
    slack.workspace.channelByName('data-incidents').isArchived = false;
    const theirs = await slack.person('ben').post(INCIDENTS, 'mine');
    expect(await codeOf(update({ ts: theirs, text: 'x' }))).toBe('cant_update_message');
    expect(await codeOf(update({ ts: '1700000000.000001', text: 'x' }))).toBe('message_not_found');
    expect(await codeOf(client.chat.delete({ channel: INCIDENTS, ts: theirs }))).toBe('cant_delete_message');
  });

  it('keeps metadata through an edit, drops it with {}, and shows it only when asked', async () => {
    const metadata = { event_type: 'cs_delivery', event_payload: { id: 'd-1' } };
    const ts = await post('a', { metadata });
    await client.chat.update({ channel: INCIDENTS, ts, text: 'b' });
    const read = async (all: boolean): Promise<unknown> =>
      (await client.conversations.history({ channel: INCIDENTS, include_all_metadata: all })).messages?.[0]?.metadata;
    expect(await read(true)).toEqual(metadata);
    expect(await read(false)).toBeUndefined();
    await client.apiCall('chat.update', { channel: INCIDENTS, ts, text: 'c', metadata: {} });
    expect(await read(true)).toBeUndefined();
  });

  it('deletes, and leaves a tombstone where a thread hangs', async () => {
    const root = await post('root');
    const reply = await post('reply', { thread_ts: root });
    await client.chat.delete({ channel: INCIDENTS, ts: root });
    const { messages } = await client.conversations.replies({ channel: INCIDENTS, ts: root });
    expect(messages?.[0]).toMatchObject({ subtype: 'tombstone' });
    await client.chat.delete({ channel: INCIDENTS, ts: reply });
    expect(slack.workspace.message(INCIDENTS, root)).toMatchObject({ reply_count: 0 });
    expect(await codeOf(client.chat.update({ channel: INCIDENTS, ts: root, text: 'x' }))).toBe('message_not_found');
  });

  it('refuses what Slack would refuse, with the place of the fault', async () => {
    const blocks = [section('x'.repeat(3001))];
    const pointer = expect.arrayContaining([expect.stringContaining('[json-pointer:/blocks/0/text/text]')]);
    await expect(client.chat.postMessage({ channel: INCIDENTS, text: 'a', blocks })).rejects.toMatchObject({
      data: { error: 'invalid_blocks', response_metadata: { messages: pointer } },
    });
    expect(await codeOf(client.apiCall('chat.postMessage', { channel: INCIDENTS, text: 'a', blocks: '[{' }))).toBe(
      'invalid_blocks_format',
    );
    const ts = await post('a');
    const long = 'x'.repeat(4001);
    expect(await codeOf(client.chat.update({ channel: INCIDENTS, ts, text: long }))).toBe('msg_too_long');
    expect(await codeOf(client.apiCall('chat.postMessage', { channel: INCIDENTS }))).toBe('no_text');
    expect(slack.workspace.message(INCIDENTS, ts)?.text).toBe('a');
  });

  it('cuts a text at 40,000 and frowns at that, and at blocks without any text', async () => {
    const long = await client.chat.postMessage({ channel: INCIDENTS, text: 'x'.repeat(40_001) });
    expect(long).toMatchObject({
      warning: 'message_truncated',
      response_metadata: { warnings: ['message_truncated'] },
    });
    expect(slack.workspace.message(INCIDENTS, long.ts as string)?.text).toHaveLength(40_000);
    expect(slack.warnings).toEqual(['chat.postMessage: text cut at 40,000 characters']);
    await client.apiCall('chat.postMessage', { channel: INCIDENTS, blocks: [section('b')] });
    expect(slack.warnings).toHaveLength(2);
  });

  it('shows an ephemeral message to one member, in no history, not to be edited, gone on reload', async () => {
    const show = (channel: string, user: string): Promise<{ message_ts?: string }> =>
      client.chat.postEphemeral({ channel, user, text: 'only you' });
    const { message_ts } = await show(INCIDENTS, MARIA);
    expect(slack.person('maria').ephemerals(INCIDENTS)).toMatchObject([{ text: 'only you', ts: message_ts }]);
    expect(slack.person('ben').ephemerals()).toEqual([]);
    expect((await client.conversations.history({ channel: INCIDENTS })).messages).toEqual([]);
    expect(await codeOf(client.chat.update({ channel: INCIDENTS, ts: message_ts as string, text: 'x' }))).toBe(
      'message_not_found',
    );
    expect(await codeOf(show(SECRET, BEN))).toBe('user_not_in_channel');
    expect(await codeOf(show(FOREIGN, BEN))).toBe('not_in_channel');
    slack.person('maria').reload();
    expect(slack.person('maria').ephemerals()).toEqual([]);
  });
});

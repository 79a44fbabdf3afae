import { describe, expect, it } from 'vitest';
import { Alert } from '../../src/domain/alert.js';
import { bot, known, NOW, read, TS } from '../../test/support/slack/alert-readings.js';
import { alertFromMessage, alertFromText } from './alert-text.js';

describe('people', () => {
  it('are the authors of their words, whoever points at them', () => {
    const { alert, author, missing } = read({
      user: 'U0MARIA',
      text: '<!here> the DAG daily_transactions fails since 2am, table bronze.transactions has no new rows &amp; <@U0BEN> is out',
      blocks: [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'something else' }] }],
        },
      ],
    });
    expect(author).toBe('U0MARIA');
    expect(alert).toMatchObject({
      source: 'generic',
      status: 'firing',
      severity: 'medium',
      subject: { dag: 'daily_transactions', table: 'bronze.transactions' },
    });
    expect(alert.text).toBe(
      '@here the DAG daily_transactions fails since 2am, table bronze.transactions has no new rows & @U0BEN is out',
    );
    expect(missing).toEqual(['since when (the time of the message is taken)', 'how severe it is (medium is taken)']);
  });

  it.each(['the DAG looks broken', 'our pipeline is down', 'the task has failed again', 'no table was written'])(
    'name nothing with: %s',
    (text) => {
      const { alert, missing } = read({ user: 'U1', text });
      expect(alert.subject).toEqual({});
      expect(missing[0]).toBe('which DAG, table or service it is about');
    },
  );

  it('may use a known name without saying what it is', () => {
    expect(read({ user: 'U1', text: 'why is daily_transactions_eu red?' }, known).alert.subject).toEqual({
      dag: 'daily_transactions_eu',
    });
    expect(read({ user: 'U1', text: 'silver.transactions, again.' }, known).alert.subject).toEqual({
      table: 'silver.transactions',
    });
    expect(read({ user: 'U1', text: 'antifraud is fine' }, known).alert.subject).toEqual({});
  });

  it('can not close an incident with a word', () => {
    expect(read({ user: 'U1', text: 'Resolved: dag_id=daily_transactions status=ok' }).alert.status).toBe('firing');
  });

  it('open the same incident with the same words', () => {
    const one = read({ user: 'U1', text: 'fraud  is late' });
    const two = read({ user: 'U2', ts: '1778725100.000100', text: 'Fraud is late' });
    expect(two.alert.fingerprint).toBe(one.alert.fingerprint);
    expect(read({ user: 'U1', text: 'fraud is wrong' }).alert.fingerprint).not.toBe(one.alert.fingerprint);
  });

  it('type into a command', () => {
    const { alert, author, missing } = alertFromText(
      'severity: critical table silver.transactions is empty',
      'U0MARIA',
      {
        receivedAt: NOW,
      },
    );
    expect(author).toBe('U0MARIA');
    expect(alert).toMatchObject({ subject: { table: 'silver.transactions' }, startedAt: NOW.toISOString() });
    expect(missing).toContain('since when (the time of the message is taken)');
    expect(Alert.parse(alert)).toEqual(alert);
  });

  it('write in rich text alone, in some clients', () => {
    const { alert } = read({
      user: 'U1',
      blocks: [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_section',
              elements: [
                { type: 'text', text: 'DAG ' },
                { type: 'text', text: 'daily_transactions', style: { code: true } },
              ],
            },
            {
              type: 'rich_text_list',
              style: 'bullet',
              elements: [
                {
                  type: 'rich_text_section',
                  elements: [
                    { type: 'link', url: 'https://wiki/x', text: 'runbook' },
                    { type: 'emoji', name: 'fire' },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
    expect(alert.text).toBe('DAG daily_transactions\n• runbook (https://wiki/x):fire:');
  });
});

describe('other monitors', () => {
  it('are kept as they are', () => {
    const { alert } = read({
      ...bot,
      username: 'Grafana',
      attachments: [
        {
          title: '[Alerting] Freshness of bronze.transactions',
          title_link: 'https://grafana.internal/d/abc',
          ts: 1778724000,
          footer: 'Grafana v11',
          fields: [
            { title: 'table', value: 'bronze.transactions' },
            { title: 'Priority', value: 'P1' },
          ],
        },
      ],
    });
    expect(alert).toMatchObject({
      source: 'generic',
      severity: 'critical',
      subject: { table: 'bronze.transactions' },
      startedAt: new Date(1778724000_000).toISOString(),
    });
  });

  it('are over when their state says so', () => {
    expect(read({ ...bot, text: 'Freshness check\nStatus: OK' }).alert.status).toBe('resolved');
    expect(read({ ...bot, text: 'Freshness check\nStatus: not ok' }).alert.status).toBe('firing');
  });
});

describe('whatever else is sent', () => {
  const deep = (levels: number): object =>
    levels === 0
      ? { type: 'text', text: 'x' }
      : { type: 'rich_text_section', elements: Array.from({ length: 3 }, () => deep(levels - 1)) };

  it.each<[string, object]>([
    ['a million characters', { ...bot, text: `${'a <http://x|y> '.repeat(70_000)}` }],
    ['many brackets', { ...bot, text: '<'.repeat(50_000) }],
    ['many blanks and colons', { ...bot, text: `${' '.repeat(20_000)}:${' '.repeat(20_000)}=` }],
    ['many stars', { ...bot, text: '*'.repeat(40_000) }],
    ['a very long word', { ...bot, text: `dag ${'a_'.repeat(20_000)}` }],
    ['endless prefixes', { ...bot, text: `[FIRING${' :1,'.repeat(8000)}` }],
    ['deep rich text', { ...bot, blocks: [{ type: 'rich_text', elements: [deep(9)] }] }],
    [
      'a hundred attachments of a hundred fields',
      {
        ...bot,
        attachments: Array.from({ length: 100 }, (_, at) => ({
          title: `t${at}`,
          fields: Array.from({ length: 100 }, (__, field) => ({ title: `n${at}_${field}`, value: 'v'.repeat(3000) })),
        })),
      },
    ],
    [
      'things of the wrong type',
      {
        ...bot,
        text: 7,
        attachments: [null, 'x', 3, { fields: 'no', title: {}, ts: 'soon' }],
        blocks: [null, [], { type: 'section', text: 4, fields: [null] }, { type: 'x' }],
        username: {},
      },
    ],
  ])('is read in bounded time: %s', (_, message) => {
    const began = performance.now();
    const found = alertFromMessage({ type: 'message', ts: TS, ...message }, { receivedAt: NOW, known });
    expect(performance.now() - began).toBeLessThan(500);
    if (found !== undefined) expect(Alert.parse(found.alert)).toEqual(found.alert);
  });

  it('has no label that every object has', () => {
    const text = '__proto__: x\nconstructor: y\nteam: payments';
    expect(Object.entries(read({ ...bot, text }).alert.labels)).toEqual([['team', 'payments']]);
  });

  it('has no direction marks, control characters or invisible letters', () => {
    expect(read({ user: 'U1', text: 'dag\u202E evil\u200B\u0007 name\uFEFF' }).alert.text).toBe('dag evil name');
  });

  it('shows where a link goes when its text says something else, and keeps only web addresses', () => {
    const { alert } = read({
      ...bot,
      text: '<https://evil.example/a|https://airflow.internal> <javascript:alert(1)|x>',
    });
    expect(alert.text).toContain('https://airflow.internal (https://evil.example/a)');
    expect(alert.link).toBe('https://evil.example/a');
    expect(
      read({ ...bot, attachments: [{ title: 'x', title_link: 'javascript:alert(1)' }] }).alert.link,
    ).toBeUndefined();
  });

  it.each([
    ['the far future', '9999999999.000000'],
    ['no time at all', 'soon'],
    ['1970', '1.000000'],
  ])('began now when its time is %s', (_, ts) => {
    expect(read({ user: 'U1', ts, text: 'x' }).alert.startedAt).toBe(NOW.toISOString());
  });

  it('takes no start without a time zone', () => {
    expect(read({ ...bot, text: 'X\nStarted: 2026-05-14 02:00:00' }).alert.startedAt).toBe(
      new Date(Number(TS) * 1000).toISOString(),
    );
  });

  it('says how much of a long text is not there', () => {
    const { alert } = read({ ...bot, text: Array.from({ length: 2000 }, (_, at) => `line ${at}`).join('\n') });
    expect(alert.text).toMatch(/ … \(\d+ more characters\)$/);
    expect(alert.text.length).toBeLessThanOrEqual(8000);
  });

  it.each([{}, { ...bot, text: '' }, { user: 'U1', files: [{ id: 'F1' }] }, { user: 'U1', text: '\u200B \n ' }])(
    'is nothing without words',
    (message) => {
      expect(alertFromMessage({ ts: TS, ...message }, { receivedAt: NOW })).toBeUndefined();
    },
  );

  it.each([null, 7, 'x', []])('is nothing when it is no message', (message) => {
    expect(alertFromMessage(message, { receivedAt: NOW })).toBeUndefined();
  });
});

describe('a message made to keep the process busy', () => {
  const read = (message: object): unknown =>
    alertFromMessage({ ts: '1', bot_id: 'B1', ...message }, { receivedAt: new Date() });

  it.each([
    ['a name of nothing but marks', { attachments: [{ fields: [{ title: ':'.repeat(40_000), value: 'x' }] }] }],
    ['blanks where a name would stand', { blocks: fieldsOf(`${' '.repeat(1990)}!`, 500) }],
    ['a heading of which nothing but blanks is left', { text: '@here '.repeat(6000) }],
    ['a title of emoji codes', { text: ':a:'.repeat(13_000) }],
    ['a row of dots', { text: '.'.repeat(40_000) }],
    ['tags that do not end', { text: '<http://a'.repeat(4000) }],
  ])('with %s is read as soon as any other', (_, message) => {
    const begun = performance.now();
    read(message);
    expect(performance.now() - begun).toBeLessThan(700);
  });

  function fieldsOf(text: string, count: number): object[] {
    const field = (at: number): object => ({ type: 'mrkdwn', text: `${text}${at}` });
    return Array.from({ length: count / 10 }, () => ({
      type: 'section',
      fields: Array.from({ length: 10 }, (_, at) => field(at)),
    }));
  }
});

import { describe, expect, it } from 'vitest';
import { Alert } from '../../src/domain/alert.js';
import { type AlertReading, alertFromMessage, alertFromText } from './alert-text.js';

/** Payloads in the shapes in which their senders' messages lie in Slack. */

const NOW = new Date('2026-05-14T02:20:00.000Z');
const TS = '1778725000.000100';
const known = {
  dags: ['daily_transactions', 'daily_transactions_eu', 'fraud'],
  tables: ['bronze.transactions', 'silver.transactions'],
  services: ['payments-api'],
};

function read(message: object, names?: typeof known): AlertReading {
  const found = alertFromMessage(
    { type: 'message', ts: TS, ...message },
    names ? { receivedAt: NOW, known: names } : { receivedAt: NOW },
  );
  if (found === undefined) throw new Error('nothing was read');
  // Whatever is sent, what comes out is an alert.
  expect(Alert.parse(found.alert)).toEqual(found.alert);
  expect(found.alert.receivedAt).toBe(NOW.toISOString());
  return found;
}

const bot = { subtype: 'bot_message', bot_id: 'B0ALERT' };

function alertmanager(title: string, more: object = {}): object {
  return {
    ...bot,
    username: 'Alertmanager',
    text: '',
    attachments: [
      {
        id: 1,
        color: title.includes('RESOLVED') ? '2eb886' : 'a30200',
        fallback: `${title} | http://alertmanager.internal/#/alerts?receiver=slack`,
        title,
        title_link: 'http://alertmanager.internal/#/alerts?receiver=slack',
        text: '',
        mrkdwn_in: ['fallback', 'pretext', 'text'],
        ...more,
      },
    ],
  };
}

describe('Alertmanager', () => {
  it('is read from its default template', () => {
    const { alert, author, missing } = read(
      alertmanager('[FIRING:1] DagFailed daily_transactions (airflow critical payments-data)'),
      known,
    );
    expect(author).toBeUndefined();
    expect(alert).toMatchObject({
      source: 'alertmanager',
      status: 'firing',
      title: 'DagFailed daily_transactions (airflow critical payments-data)',
      severity: 'critical',
      subject: { dag: 'daily_transactions' },
      labels: { alertname: 'DagFailed' },
      link: 'http://alertmanager.internal/#/alerts?receiver=slack',
      startedAt: new Date(Number(TS) * 1000).toISOString(),
    });
    expect(missing).toEqual(['since when (the time of the message is taken)']);
  });

  it('keeps one fingerprint while it fires, fires more often, and is over', () => {
    const fired = read(alertmanager('[FIRING:1] DagFailed (daily_transactions critical)')).alert;
    const more = read(alertmanager('[FIRING:3] DagFailed (daily_transactions critical)')).alert;
    const over = read(alertmanager('[RESOLVED] DagFailed (daily_transactions critical)')).alert;
    expect(more.fingerprint).toBe(fired.fingerprint);
    expect(over).toMatchObject({ fingerprint: fired.fingerprint, status: 'resolved' });
    expect(read(alertmanager('[FIRING:1] DagSlow (daily_transactions critical)')).alert.fingerprint).not.toBe(
      fired.fingerprint,
    );
  });

  it('still fires while some of a group are over', () => {
    expect(read(alertmanager('[FIRING:2, RESOLVED:1] DagFailed (x)')).alert.status).toBe('firing');
  });

  it('is read from a custom template with fields', () => {
    const { alert, missing } = read(
      alertmanager('[FIRING:1] TaskFailed', {
        text: '*Description:* transform failed twice\n*Details:*\n • *alertname:* `TaskFailed`\n • *dag_id:* `daily_transactions`\n • *task_id:* `transform`\n • *run_id:* `scheduled__2026-05-14T02:00:00+00:00`',
        fields: [
          { title: 'Severity', value: 'warning', short: true },
          { title: 'StartsAt', value: '2026-05-14 02:14:00 +0000', short: true },
        ],
      }),
    );
    expect(alert).toMatchObject({
      severity: 'medium',
      startedAt: '2026-05-14T02:14:00.000Z',
      subject: { dag: 'daily_transactions', task: 'transform', run: 'scheduled__2026-05-14T02:00:00+00:00' },
      labels: { alertname: 'TaskFailed', severity: 'warning', description: 'transform failed twice' },
    });
    expect(missing).toEqual([]);
  });

  it('takes the severity from the bar when nothing else says it', () => {
    expect(read({ ...bot, attachments: [{ color: 'danger', title: '[FIRING:1] X' }] }).alert.severity).toBe('high');
    expect(read({ ...bot, attachments: [{ color: 'warning', title: '[FIRING:1] X' }] }).alert.severity).toBe('medium');
  });

  it('does not take an unresolved name in the text for the end of it', () => {
    const text = 'status page: host could not be resolved\nResolved nothing so far';
    expect(read(alertmanager('[FIRING:1] DnsDown (db critical)', { text })).alert.status).toBe('firing');
  });
});

function pagerduty(state: string, id = 'Q1ZX8D4AM3'): object {
  return {
    ...bot,
    username: 'PagerDuty',
    text: `${state} #4521: <https://acme.pagerduty.com/incidents/${id}|daily_transactions failed>`,
    attachments: [
      {
        color: 'a30200',
        blocks: [
          {
            type: 'section',
            text: {
              type: 'mrkdwn',
              text: `:red_circle: *<https://acme.pagerduty.com/incidents/${id}|#4521: daily_transactions failed>*`,
            },
          },
          {
            type: 'section',
            fields: [
              { type: 'mrkdwn', text: '*Urgency:*\nHigh' },
              { type: 'mrkdwn', text: '*Service:*\n<https://acme.pagerduty.com/services/PXYZ|Payments data>' },
              { type: 'mrkdwn', text: '*Assigned to:*\nMaria Lopez' },
            ],
          },
          { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Acknowledge' } }] },
        ],
      },
    ],
  };
}

describe('PagerDuty', () => {
  it('has the fingerprint that its webhook has, so both join one incident', () => {
    const { alert } = read(pagerduty('Triggered'));
    expect(alert).toMatchObject({
      source: 'pagerduty',
      fingerprint: 'pagerduty:Q1ZX8D4AM3',
      status: 'firing',
      severity: 'high',
      title: 'daily_transactions failed',
      link: 'https://acme.pagerduty.com/incidents/Q1ZX8D4AM3',
    });
    expect(alert.subject.service).toMatch(/^Payments data/);
    expect(JSON.stringify(alert.labels)).not.toContain('Maria');
  });

  it('is over when it says so', () => {
    expect(read(pagerduty('Resolved')).alert).toMatchObject({
      status: 'resolved',
      fingerprint: 'pagerduty:Q1ZX8D4AM3',
    });
  });

  it('takes no look-alike address for its own', () => {
    const text = 'Triggered #1: <https://acme.pagerduty.com.evil.example/incidents/Q1ZX8D4AM3|x>';
    expect(read({ ...bot, text }).alert.fingerprint).toMatch(/^slack:/);
  });
});

describe('Airflow', () => {
  it('is read from a notifier with names and a log address', () => {
    const { alert } = read({
      ...bot,
      username: 'airflow',
      text: ':red_circle: Task Failed.\n*Task*: transform\n*Dag*: daily_transactions\n*Execution Time*: 2026-05-14 02:00:00+00:00\n*Log Url*: <http://airflow.internal/log?dag_id=daily_transactions&amp;task_id=transform&amp;execution_date=2026-05-14T02%3A00%3A00>',
    });
    expect(alert).toMatchObject({
      source: 'airflow',
      fingerprint: 'airflow:daily_transactions.transform',
      title: 'Task Failed.',
      subject: { dag: 'daily_transactions', task: 'transform' },
      link: 'http://airflow.internal/log?dag_id=daily_transactions&task_id=transform&execution_date=2026-05-14T02%3A00%3A00',
    });
  });

  it.each([
    [
      '2',
      'http://af/dags/daily_transactions/grid?dag_run_id=manual__2026-05-14T01%3A00%3A00%2B00%3A00&amp;task_id=transform&amp;tab=logs',
    ],
    ['3', 'http://af/dags/daily_transactions/runs/manual__2026-05-14T01:00:00+00:00/tasks/transform?try_number=2'],
  ])('is read from nothing but an address of version %s', (_, address) => {
    expect(read({ ...bot, text: `It broke: <${address}|logs>` }).alert).toMatchObject({
      source: 'airflow',
      subject: { dag: 'daily_transactions', task: 'transform', run: 'manual__2026-05-14T01:00:00+00:00' },
    });
  });

  it('is read from a printed task instance', () => {
    const text =
      'on_failure: &lt;TaskInstance: daily_transactions.load.part scheduled__2026-05-14T02:00:00+00:00 [failed]&gt;';
    expect(read({ ...bot, text }).alert).toMatchObject({
      source: 'airflow',
      fingerprint: 'airflow:daily_transactions.load.part',
      subject: { dag: 'daily_transactions', task: 'load.part', run: 'scheduled__2026-05-14T02:00:00+00:00' },
    });
  });

  it('is read from blocks', () => {
    const { alert } = read({
      ...bot,
      text: 'Airflow alert',
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: 'DAG daily_transactions failed' } },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*Task ID:*\n`transform`' },
            { type: 'mrkdwn', text: '*DAG ID:*\n`daily_transactions`' },
          ],
        },
        { type: 'context', elements: [{ type: 'mrkdwn', text: 'Try 2 of 2' }] },
      ],
    });
    expect(alert).toMatchObject({
      source: 'airflow',
      title: 'DAG daily_transactions failed',
      subject: { dag: 'daily_transactions', task: 'transform' },
    });
    expect(alert.text).toContain('Try 2 of 2');
  });

  it.each([
    ['The DAG daily_transactions failed', { dag: 'daily_transactions' }],
    ['The task transform failed', { task: 'transform' }],
    ['daily_transactions.transform failed (try 2/2)', { dag: 'daily_transactions', task: 'transform' }],
    ['Pipeline `fraud` is late', { dag: 'fraud' }],
    ['dag_id=daily_transactions task_id=transform state=failed', { dag: 'daily_transactions', task: 'transform' }],
  ])('understands %s', (text, subject) => {
    expect(read({ ...bot, text }).alert.subject).toEqual(subject);
  });
});

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

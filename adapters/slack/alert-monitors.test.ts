import { describe, expect, it } from 'vitest';
import { bot, known, read, TS } from '../../test/support/slack/alert-readings.js';

/** Payloads in the shapes in which their senders' messages lie in Slack. */

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

import { describe, expect, it } from 'vitest';
import { alertReading } from '../../../src/domain/alert-reading.js';
import { MessagePayload, messageWords } from './message-words.js';

const NOW = new Date('2026-03-01T10:00:00Z');
const CARD = 'application/vnd.microsoft.card.adaptive';

function read(payload: Record<string, unknown>) {
  const message = messageWords(MessagePayload.parse({ id: '1', createdDateTime: '2026-03-01T09:58:00Z', ...payload }));
  return { message, ...alertReading(message, { receivedAt: NOW }) };
}

const person = { from: { user: { id: 'aad-1', displayName: 'Ana' } } };
const program = (name: string) => ({ from: { application: { id: 'app-1', displayName: name } } });

describe('a message of a person', () => {
  it('is read line by line, with its links', () => {
    const { message, alert } = read({
      ...person,
      body: {
        contentType: 'html',
        content:
          '<div><p>The dag <code>sales_daily</code> is red&nbsp;again</p><p>see <a href="https://air.example/dags/sales_daily/grid?a=1&amp;b=2">the run</a></p></div>',
      },
    });
    expect(message.monitor).toBe(false);
    expect(message.words.lines).toEqual(['The dag sales_daily is red again', 'see the run']);
    expect(message.words.links).toEqual(['https://air.example/dags/sales_daily/grid?a=1&b=2']);
    expect(alert).toMatchObject({
      status: 'firing',
      subject: { dag: 'sales_daily' },
      startedAt: '2026-03-01T09:58:00.000Z',
    });
  });

  it('shows no markup that was written as letters, and loses none of it', () => {
    const { message } = read({
      ...person,
      body: { contentType: 'html', content: '<p>expected &lt;string&gt; &#39;a&#x27; &amp;amp; &lt;/script&gt;</p>' },
    });
    expect(message.words.lines).toEqual([`expected <string> 'a' &amp; </script>`]);
  });

  it('is plain text when it says so', () => {
    const { message } = read({ ...person, body: { contentType: 'text', content: 'a <b> c' } });
    expect(message.words.lines).toEqual(['a <b> c']);
  });
});

describe('a message of a program', () => {
  it('an Adaptive Card with facts', () => {
    const content = JSON.stringify({
      type: 'AdaptiveCard',
      body: [
        { type: 'TextBlock', text: '[FIRING:1] TableStale (critical)' },
        {
          type: 'FactSet',
          facts: [
            { title: 'table:', value: 'lake.orders' },
            { title: 'severity', value: 'critical' },
          ],
        },
        {
          type: 'ColumnSet',
          columns: [
            {
              type: 'Column',
              items: [{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'no rows since 06:00' }] }],
            },
          ],
        },
      ],
      actions: [{ type: 'Action.OpenUrl', title: 'Source', url: 'https://prom.example/graph' }],
    });
    const { message, alert } = read({ ...program('Alertmanager'), attachments: [{ contentType: CARD, content }] });
    expect(message.monitor).toBe(true);
    expect(alert).toMatchObject({
      source: 'alertmanager',
      status: 'firing',
      severity: 'critical',
      title: 'TableStale (critical)',
      subject: { table: 'lake.orders' },
    });
    expect(message.words.lines).toContain('no rows since 06:00');
    expect(message.words.links).toEqual(['https://prom.example/graph']);
  });

  it('the card of an older connector', () => {
    const content = {
      '@type': 'MessageCard',
      themeColor: 'danger',
      title: 'Resolved: sales_daily',
      sections: [
        {
          activityTitle: 'Airflow',
          facts: [
            { name: 'DAG', value: 'sales_daily' },
            { name: 'Task', value: 'load' },
          ],
        },
      ],
    };
    const { alert } = read({
      ...program('Airflow alerts'),
      attachments: [{ contentType: 'application/vnd.microsoft.teams.card.o365connector', content }],
    });
    expect(alert).toMatchObject({
      source: 'airflow',
      status: 'resolved',
      severity: 'high',
      subject: { dag: 'sales_daily', task: 'load' },
    });
  });

  it('attachments that are no cards are passed over', () => {
    const { message } = read({
      ...program('x'),
      attachments: [
        { contentType: 'reference', content: '{no json' },
        { contentType: CARD, content: '[[[' },
      ],
    });
    expect(message.words.lines).toEqual([]);
  });
});

it('is bounded, whatever is sent', () => {
  let deep: unknown = { type: 'TextBlock', text: 'below' };
  for (let level = 0; level < 500; level++) deep = { type: 'Container', items: [deep, deep] };
  const began = performance.now();
  const { message } = read({
    ...person,
    body: { contentType: 'html', content: '<a '.repeat(60_000) + '&#'.repeat(5000) },
    attachments: [{ contentType: CARD, content: deep }],
  });
  expect(performance.now() - began).toBeLessThan(2000);
  expect(message.words.lines.join('').length).toBeLessThanOrEqual(80_000);
});

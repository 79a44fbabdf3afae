import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../src/domain/events.js';
import { foldIncident } from '../../src/domain/incident.js';
import { threadOf } from '../../src/views/thread.js';
import {
  asEntries,
  at,
  opened,
  POLICY,
  resolved,
  untilProposal,
  untilRepaired,
  verified,
} from '../../test/e2e/sample-story.js';
import { createTerminalThread } from './thread.js';

function sink(columns = 100): Writable & { columns: number; text: string } {
  const written: string[] = [];
  const out = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk));
      done();
    },
  });
  return Object.defineProperty(Object.assign(out, { columns, text: '' }), 'text', { get: () => written.join('') });
}

function threadAfter(events: readonly NewEvent[]) {
  const incident = foldIncident(asEntries(events));
  if (incident === undefined) throw new Error('no incident');
  return threadOf(incident, { policy: POLICY, now: new Date(at(13)) });
}

describe('the thread in a terminal', () => {
  it('prints the same whether it is shown at each event or once at the end of each phase', async () => {
    const events = untilProposal();
    const step = sink();
    const whole = sink();
    const stepwise = createTerminalThread({ out: step, color: false });
    for (let count = 1; count <= events.length; count++) await stepwise.show(threadAfter(events.slice(0, count)));
    await createTerminalThread({ out: whole, color: false }).show(threadAfter(events));
    const facts = (text: string): string[] =>
      text.split('\n').filter((row) => row.trim() !== '' && row !== 'Investigating');
    expect(facts(step.text)).toEqual(facts(whole.text));
  });

  it('prints each thought, call and answer in that order, once', async () => {
    const out = sink();
    const terminal = createTerminalThread({ out, color: false });
    const thread = threadAfter(untilProposal());
    await terminal.show(thread);
    const before = out.text;
    await terminal.show(thread);
    expect(out.text).toBe(before);
    const call = before.indexOf('→ schema_registry_diff(source="core_banking.transactions", since="24h")');
    expect(before.indexOf('thought: A column is missing')).toBeLessThan(call);
    expect(before.indexOf('← merchant_subcategory renamed')).toBeGreaterThan(call);
    expect(before.split('→ git_blame(').length).toBe(2);
    expect(before.split('This also happens').length).toBe(3);
  });

  it('goes on with what is new after the decision', async () => {
    const out = sink();
    const terminal = createTerminalThread({ out, color: false });
    await terminal.show(threadAfter(untilProposal()));
    const before = out.text.length;
    await terminal.show(threadAfter([...untilRepaired(), verified(true), resolved()]));
    const news = out.text.slice(before);
    expect(news).toContain('✓ Approved by ana@example.com');
    expect(news).toContain('Done: Retry the failed tasks');
    expect(news).toContain('✓ Resolved in 12 min, recovery verified');
    expect(news).not.toContain('thought:');
    expect(news).not.toContain('Way back');
    expect(news).not.toContain('What was proposed');
  });

  it('prints notes and questions in order of time, each once, with where they were said', async () => {
    const talk = (type: 'note.added' | 'question.asked', data: object, minutes: number): NewEvent =>
      ({ type, data, actor: { kind: 'person', id: 'x', role: 'web' }, at: at(minutes) }) as NewEvent;
    const by = { id: 'ana@example.com', via: 'slack' };
    const asked = talk('question.asked', { questionId: 'q1', by, text: 'did the table change?', grant: 2 }, 5);
    const events = [
      ...untilProposal(),
      talk('note.added', { by, text: 'I am looking too.' }, 4),
      asked,
      talk('note.added', { by: { ...by, via: 'teams' }, text: 'Me too.' }, 6),
    ];
    const actor = { kind: 'agent' as const, id: 'playbook', role: 'investigator' };
    const answered: NewEvent = {
      type: 'question.answered',
      data: { questionId: 'q1', outcome: 'answered', text: 'It did not.', evidence: [], struck: [], toolCalls: 0 },
      actor,
      at: at(7),
    };
    const out = sink();
    const terminal = createTerminalThread({ out, color: false });
    await terminal.show(threadAfter(events));
    await terminal.show(threadAfter([...events, answered]));
    const rows = [
      'note by ana@example.com in Slack: I am',
      'question by ana@example.com in Slack, with 2 more tool calls:',
    ];
    const places = [...rows, 'note by ana@example.com in Teams', '○ Answer', 'It did not.'].map((row) =>
      out.text.indexOf(row),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(out.text.split('did the table change?')).toHaveLength(2);
  });

  it('keeps within the width and uses escape codes only when asked for colour', async () => {
    const out = sink(60);
    await createTerminalThread({ out, color: false }).show(threadAfter(untilProposal()));
    expect(out.text).not.toContain('\u001b');
    expect(Math.max(...out.text.split('\n').map((row) => [...row].length))).toBeLessThanOrEqual(59);
    const colored = sink();
    await createTerminalThread({ out: colored, color: true }).show(threadAfter(untilProposal()));
    expect(colored.text).toContain('\u001b[');
  });

  it('does not let text from outside steer the terminal', async () => {
    const alert = opened();
    if (alert.type !== 'incident.opened') throw new Error('not the opening');
    alert.data.title = '\u001b[2J\u001b]0;owned\u0007 \u202Egone';
    const out = sink();
    await createTerminalThread({ out, color: false }).show(threadAfter([alert]));
    expect(out.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(out.text).toContain('[2J');
  });
});

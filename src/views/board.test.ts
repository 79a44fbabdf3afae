import { describe, expect, it } from 'vitest';
import {
  asEntries,
  decided,
  INCIDENT,
  opened,
  resolved,
  started,
  untilProposal,
  untilRepaired,
  verified,
} from '../../test/e2e/sample-story.js';
import type { StoredEntry } from '../domain/ports.js';
import { createIncidentBoard } from './board.js';

/** Several subjects in one log, in the order given. */
function inOneLog(...subjects: StoredEntry[][]): StoredEntry[] {
  return subjects.flat().map(({ entry }, index) => ({ index, entry }));
}

const other = asEntries([opened(), started()], 'INC-OTHER00');
const system: StoredEntry[] = asEntries([opened()], 'system').map(({ index, entry }) => ({
  index,
  entry: { ...entry, type: 'system.started', data: { role: 'web', version: '1', config: {} } } as StoredEntry['entry'],
}));

describe('the incident board', () => {
  it('folds entries as they come, whatever the size of the pieces', () => {
    const entries = inOneLog(asEntries([...untilRepaired(), verified(true), resolved()]), other, system);
    const whole = createIncidentBoard();
    expect(whole.apply(entries)).toEqual([INCIDENT, 'INC-OTHER00']);
    const pieces = createIncidentBoard();
    for (const entry of entries) pieces.apply([entry]);
    expect(pieces.list()).toEqual(whole.list());
    expect(pieces.get(INCIDENT)).toEqual(whole.get(INCIDENT));
    expect(pieces.next()).toBe(entries.length);
    expect(pieces.get('system')).toBeUndefined();
  });

  it('takes no harm from entries it has seen, and refuses a gap', () => {
    const entries = asEntries(untilProposal());
    const board = createIncidentBoard();
    board.apply(entries.slice(0, 4));
    expect(board.apply(entries.slice(2, 6))).toEqual([INCIDENT]);
    expect(board.get(INCIDENT)?.calls.length).toBe(2);
    expect(board.apply(entries.slice(0, 3))).toEqual([]);
    expect(() => board.apply(entries.slice(8))).toThrow(/wants entry 6/);
    expect(board.next()).toBe(6);
  });

  it('lists the most severe of what waits first, whatever changed last', () => {
    const waiting = (severity: 'critical' | 'low', id: string): StoredEntry[] => {
      const story = untilProposal().map((event) =>
        event.type === 'incident.opened' ? { ...event, data: { ...event.data, severity } } : event,
      );
      return asEntries(story, id);
    };
    const board = createIncidentBoard();
    board.apply(inOneLog(waiting('critical', 'INC-CRITICAL'), waiting('low', 'INC-LOW0000'), other));
    expect(board.list().map((one) => one.incident)).toEqual(['INC-CRITICAL', 'INC-LOW0000', 'INC-OTHER00']);
  });

  it('lists what waits for a decision first', () => {
    const board = createIncidentBoard();
    board.apply(inOneLog(asEntries(untilProposal()), other));
    expect(board.list().map((one) => one.incident)).toEqual([INCIDENT, 'INC-OTHER00']);
    board.apply([]);
    expect(board.list()[0]).toMatchObject({ status: 'awaiting_decision', statusText: 'Waiting for a decision' });
  });

  it.each([
    [{ status: 'open' }, 1],
    [{ status: 'resolved' }, 1],
    [{ status: 'escalated' }, 0],
    [{ severity: 'high' }, 2],
    [{ severity: 'low' }, 0],
    [{ pipeline: 'daily_transactions' }, 2],
    [{ pipeline: 'other' }, 0],
    [{ text: 'ANA@example.com' }, 1],
    [{ text: 'registry:core_banking' }, 1],
    [{ text: 'nothing like it' }, 0],
    [{ status: 'open', text: 'subcategory' }, 1],
  ])('filters by %j', (filter, count) => {
    const board = createIncidentBoard();
    const done = [...untilProposal(), decided('approve'), ...untilRepaired().slice(-6), verified(true), resolved()];
    board.apply(inOneLog(asEntries(done), other));
    expect(board.list(filter).length).toBe(count);
  });
});

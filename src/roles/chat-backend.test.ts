import { beforeEach, describe, expect, it } from 'vitest';
import { ana, ben, cleo, createGateCase, type GateCase, stranger } from '../../test/support/gate-case.js';
import { TEST_KEY, testClick, testPolicy, testRedactor } from '../../test/support/incidents.js';
import { createMemoryObservations } from '../../test/support/memory-log.js';
import { createVerifier } from '../approve/seal.js';
import type { Alert } from '../domain/alert.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import { Inventory } from '../domain/pipeline.js';
import type { ChatBackend } from '../domain/ports.js';
import { createIntake } from '../intake/intake.js';
import { createOpenIncidents } from '../intake/open-incidents.js';
import { createProcessLog } from '../log.js';
import { createIncidentBoard } from '../views/board.js';
import { createChatBackend } from './chat-backend.js';

const ALERT: Alert = {
  source: 'alertmanager',
  fingerprint: 'daily/transform',
  status: 'firing',
  startedAt: '2026-03-11T02:14:00.000Z',
  receivedAt: '2026-03-11T02:14:00.000Z',
  title: 'daily failed',
  text: 'password hunter2',
  severity: 'high',
  labels: {},
  subject: {},
};

let c: GateCase;
let backend: ChatBackend;
let asked: number;
/** Brings the board up to the log, as following it does. */
let follow: () => Promise<void>;

beforeEach(() => {
  c = createGateCase();
  asked = 0;
  const board = createIncidentBoard();
  follow = async () => void board.apply(await c.log.readFrom(board.next(), 1000));
  const open = createOpenIncidents();
  const { log, clock } = c;
  backend = createChatBackend({
    log,
    board,
    gate: c.gate,
    intake: createIntake({
      log,
      open,
      inventory: Inventory.parse({ pipelines: [] }),
      redactor: testRedactor,
      clock,
      processLog: createProcessLog('test', 'silent'),
    }),
    observations: createMemoryObservations(),
    policy: () => ({ policy: c.policy }),
    freshMembers: async () => {
      asked += 1;
    },
    votes: createVerifier({ test: TEST_KEY.publicKeyPem }),
    redactor: testRedactor,
    clock,
    logState: async () => ({ entries: 0, sealed: 0, sealedAt: undefined, root: undefined, origin: '', publicKey: '' }),
  });
});

async function incident(id = 'INC-1'): Promise<Incident> {
  const found = foldIncident(await c.log.read(id));
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

describe('a note', () => {
  it('is written once, however often and by whatever way it is delivered', async () => {
    await c.opened();
    await Promise.all(Array.from({ length: 5 }, () => backend.note('INC-1', ben, 'pool was full', 'C1/171.5')));
    expect((await incident()).notes).toMatchObject([{ by: ben.id, via: 'slack', text: 'pool was full' }]);
    await backend.note('INC-1', ben, 'pool was full', 'C1/171.6');
    await backend.note('INC-1', { ...ben, via: 'teams' }, 'pool was full', 'C1/171.5');
    await backend.note('INC-1', ana, 'no ref');
    await backend.note('INC-1', ana, 'no ref');
    expect((await incident()).notes).toHaveLength(5);
  });

  it('is not written twice when its append landed and the answer was lost, nor lost when it did not', async () => {
    await c.opened();
    for (const fault of ['after', 'before'] as const) {
      c.log.failNext(fault);
      await expect(backend.note('INC-1', ben, fault, fault)).rejects.toMatchObject({ retryable: true });
      await backend.note('INC-1', ben, fault, fault);
    }
    expect((await incident()).notes.map(({ text }) => text)).toEqual(['after', 'before']);
  });

  it('is redacted, bounded, not empty, and not for an incident that is not there', async () => {
    await c.opened();
    await backend.note('INC-1', ben, `hunter2 ${'x'.repeat(9000)}`, '1');
    const [note] = (await incident()).notes;
    expect(note?.text).toMatch(/^<SECRET> x+$/);
    expect(note?.text.length).toBe(4000);
    await expect(backend.note('INC-1', ben, ' \n', '2')).rejects.toMatchObject({ kind: 'invalid_input' });
    await expect(backend.note('INC-9', ben, 'x', '3')).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('a question', () => {
  it('is asked once, with its job, and known when it comes again', async () => {
    await c.opened();
    expect((await backend.ask('INC-1', stranger, 'why hunter2?', 0, 'C1/1')).outcome).toMatch(/asked|no_budget/);
    expect(await backend.ask('INC-1', stranger, 'why hunter2?', 0, 'C1/1')).toMatchObject({ outcome: 'known' });
    expect((await incident()).questions).toMatchObject([{ asked: { text: 'why <SECRET>?', by: stranger } }]);
    expect(c.log.jobs.filter(({ id }) => id.startsWith('ask-'))).toHaveLength(1);
  });

  it('with a grant is judged by the members of now; without one nobody is asked', async () => {
    await c.opened();
    await backend.ask('INC-1', stranger, 'why?', 0, '1');
    expect(asked).toBe(0);
    expect(await backend.ask('INC-1', stranger, 'why?', 2, '2')).toMatchObject({ outcome: 'refused' });
    expect(asked).toBe(1);
  });
});

describe('an alert that a person points at', () => {
  it('made of their own words is opened in their name, and they can not approve its repair', async () => {
    const answer = await backend.investigate({ ...ALERT, source: 'generic' }, ben);
    expect(answer.text).toContain('somebody else must approve');
    const id = answer.incident ?? '';
    expect(await incident(id)).toMatchObject({ openedBy: ben.id, alert: { text: 'password <SECRET>' } });
    expect((await incident(id)).notes).toEqual([]);
    expect((await c.log.read(id))[0]?.entry.actor).toEqual({ kind: 'person', id: ben.id, role: 'web' });
    const { card } = await c.opened({ incident: 'INC-2', openedBy: ben.id });
    await follow();
    expect(await backend.decide(testClick({ ...card, by: ben }))).toMatchObject({ outcome: 'not_allowed' });
    const shown = (await backend.thread('INC-2'))?.cards.at(-1);
    expect(JSON.stringify(shown)).toContain(`${ben.id} asked for this`);
  });

  it("made of a monitor's words is the monitor's, and who brought it is noted once", async () => {
    const { incident: id = '' } = await backend.investigate(ALERT, undefined, ben);
    await backend.investigate(ALERT, undefined, ben);
    expect(await incident(id)).toMatchObject({ openedBy: 'alert:alertmanager', alerts: 2 });
    expect((await incident(id)).notes).toMatchObject([
      { by: ben.id, text: 'Asked for an investigation of this alert.' },
    ]);
  });

  it('joins the open incident of the same alert and says which', async () => {
    const first = await backend.investigate(ALERT, undefined, ben);
    const second = await backend.investigate(ALERT, undefined, ana);
    expect(second.incident).toBe(first.incident);
    expect(second.text).toContain(`${first.incident} is open for this already: it is the same alert`);
    expect(c.log.jobs.filter(({ queue }) => queue === 'investigate')).toHaveLength(1);
  });

  it('that is over says so, and opens nothing', async () => {
    const answer = await backend.investigate({ ...ALERT, status: 'resolved' }, undefined, ben);
    expect(answer).toMatchObject({ incident: undefined, text: expect.stringContaining('Nothing was opened') });
  });
});

describe('what waits for a person', () => {
  const waits = (person: string): string[] => backend.waitingFor(person).map(({ incident: id }) => id);

  it('is what they may approve and have not, under the policy of now', async () => {
    await c.opened({ incident: 'INC-1', level: 'high' });
    await c.opened({ incident: 'INC-2', level: 'low' });
    await follow();
    expect(waits('ANA@example.com').sort()).toEqual(['INC-1', 'INC-2']);
    expect(waits(cleo.id)).toEqual(['INC-1']);
    expect(waits(stranger.id)).toEqual([]);
    c.policy = testPolicy({ approvers: { risk: { high: [stranger.id] } } });
    expect([waits(ana.id), waits(stranger.id)]).toEqual([[], ['INC-1']]);
  });

  it('is not what they asked for, changed, approved already, or what is out of time', async () => {
    const { card } = await c.opened({ level: 'high', expiresAt: '2026-03-11T03:00:00.000Z' });
    await c.opened({ incident: 'INC-2', openedBy: ana.id });
    await follow();
    expect([waits(ana.id), waits(ben.id).sort()]).toEqual([['INC-1'], ['INC-1', 'INC-2']]);
    await backend.decide(testClick({ ...card, by: ana }));
    expect(asked).toBe(1);
    await follow();
    expect([waits(ana.id), waits(cleo.id).sort()]).toEqual([[], ['INC-1', 'INC-2']]);
    c.clock.advance(3600_000);
    expect(waits(cleo.id)).toEqual(['INC-2']);
  });
});

it('gives a digest of the last days, by its own clock', async () => {
  await c.opened();
  await follow();
  expect(backend.digest(7)).toMatchObject({ incidents: 1, waiting: 1 });
  c.clock.advance(8 * 24 * 3600_000);
  expect(backend.digest(7)).toMatchObject({ incidents: 0, waiting: 1, to: '2026-03-19T02:14:00.000Z' });
});

import { describe, expect, it } from 'vitest';
import { createMemoryLog, type MemoryLog } from '../../test/support/memory-log.js';
import type { Alert } from '../domain/alert.js';
import { foldIncident } from '../domain/incident.js';
import { Inventory } from '../domain/pipeline.js';
import { createProcessLog } from '../log.js';
import { createIntake, type Intake } from './intake.js';
import { createOpenIncidents, type OpenIncidents } from './open-incidents.js';

const inventory = Inventory.parse({
  pipelines: [
    { dag: 'ingest', owner: 'core', severity: 'critical', tasks: [{ id: 'land', writes: ['bronze.t'] }] },
    { dag: 'daily', owner: 'core', tasks: [{ id: 'transform', reads: ['bronze.t'], writes: ['silver.t'] }] },
    { dag: 'report', owner: 'bi', tasks: [{ id: 'build', reads: ['silver.t'], writes: ['gold.r'] }] },
    { dag: 'other', owner: 'bi', tasks: [{ id: 'build', reads: ['x.y'] }] },
  ],
});

let now = new Date('2026-03-11T02:14:00Z');
const clock = { now: () => now };

function alert(fingerprint: string, dag?: string, more: Partial<Alert> = {}): Alert {
  return {
    source: 'alertmanager',
    fingerprint,
    status: 'firing',
    startedAt: now.toISOString(),
    receivedAt: now.toISOString(),
    title: `${dag ?? fingerprint} failed`,
    text: 'boom',
    severity: 'medium',
    labels: {},
    subject: dag === undefined ? {} : { dag },
    ...more,
  };
}

function house(): { log: MemoryLog; open: OpenIncidents; intake: Intake } {
  now = new Date('2026-03-11T02:14:00Z');
  const log = createMemoryLog(clock);
  const open = createOpenIncidents();
  const redactor = { redact: (text: string) => ({ text: text.replaceAll('s3cret', '<SECRET>'), count: 1 }) };
  return {
    log,
    open,
    intake: createIntake({ log, open, inventory, redactor, clock, processLog: createProcessLog('test', 'silent') }),
  };
}

async function incidentOf(log: MemoryLog, id: string | undefined) {
  const incident = foldIncident(await log.read(id ?? ''));
  if (incident === undefined) throw new Error('no incident');
  return incident;
}

describe('intake', () => {
  it('opens an incident with pipeline, owner and one investigation job, redacted', async () => {
    const { log, intake } = house();
    const { incident, outcome } = await intake.accept(
      alert('a', 'ingest', { text: 'password s3cret', labels: { user: 's3cret' } }),
    );
    expect(outcome).toBe('opened');
    expect(await incidentOf(log, incident)).toMatchObject({
      pipeline: 'ingest',
      owner: 'core',
      severity: 'critical',
      unknown: [],
    });
    expect(log.jobs).toEqual([{ queue: 'investigate', id: `inv-${incident}`, incident }]);
    expect(log.lines.join()).not.toContain('s3cret');
  });

  it('says which DAG, task, table or service it does not know, and investigates anyway', async () => {
    const { log, intake } = house();
    const { incident } = await intake.accept(alert('a', 'nowhere', { subject: { dag: 'nowhere', table: 'no.table' } }));
    expect((await incidentOf(log, incident)).unknown).toEqual([
      'DAG nowhere is not in the inventory',
      'table no.table is read or written by no pipeline of the inventory',
    ]);
    expect(log.jobs).toHaveLength(1);
  });

  it('joins the same fingerprint and counts it, also when ten arrive at once', async () => {
    const { log, intake } = house();
    const all = await Promise.all(Array.from({ length: 10 }, () => intake.accept(alert('a', 'daily'))));
    expect(new Set(all.map((one) => one.incident)).size).toBe(1);
    expect(await incidentOf(log, all[0]?.incident)).toMatchObject({ alerts: 10 });
    expect(log.jobs).toHaveLength(1);
  });

  it('folds a storm along the lineage into one incident, and leaves the unrelated alone', async () => {
    const { log, intake } = house();
    const storm = await Promise.all(
      ['report', 'daily', 'ingest', 'report', 'other'].map((dag, n) => intake.accept(alert(`f${n}`, dag))),
    );
    const [first, second, third, fourth, unrelated] = storm.map((one) => one.incident);
    expect(new Set([first, second, third, fourth]).size).toBe(1);
    expect(unrelated).not.toBe(first);
    expect(log.jobs).toHaveLength(2);
  });

  it('opens a new incident when the related one had its last alert too long ago', async () => {
    const { intake } = house();
    const first = await intake.accept(alert('a', 'ingest'));
    now = new Date(now.getTime() + 31 * 60_000);
    expect((await intake.accept(alert('b', 'daily'))).incident).not.toBe(first.incident);
  });

  it('opens a new incident for a fingerprint whose incident has finished', async () => {
    const { log, intake, open } = house();
    const { incident } = await intake.accept(alert('a', 'daily'));
    const actor = { kind: 'system' as const, id: 'test', role: 'web' };
    const closed = await log.append(incident ?? '', 1, [
      { type: 'incident.closed', data: { reason: 'false alarm' }, actor },
    ]);
    const again = await intake.accept(alert('a', 'daily'));
    expect(again.outcome).toBe('opened');
    open.apply(closed.entries);
    expect((await intake.accept(alert('a', 'daily'))).incident).toBe(again.incident);
  });

  it('records a resolve signal without ending work in flight, and ignores one for nothing', async () => {
    const { log, intake } = house();
    const { incident } = await intake.accept(alert('a', 'daily'));
    expect(await intake.accept(alert('a', 'daily', { status: 'resolved' }))).toEqual({
      incident,
      outcome: 'resolve_recorded',
    });
    expect(await incidentOf(log, incident)).toMatchObject({ status: 'investigating', alertResolved: true });
    expect(await intake.accept(alert('zz', 'daily', { status: 'resolved' }))).toEqual({
      incident: undefined,
      outcome: 'ignored',
    });
  });

  it('acknowledges nothing when the log can not be written; the retry opens one incident', async () => {
    const { log, intake } = house();
    log.failNext('before');
    await expect(intake.accept(alert('a', 'daily'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(log.lines).toHaveLength(0);
    expect((await intake.accept(alert('a', 'daily'))).outcome).toBe('opened');
  });

  it('when the append landed but the answer was lost, the followed log makes the retry join', async () => {
    const { log, intake, open } = house();
    log.failNext('after');
    await expect(intake.accept(alert('a', 'daily'))).rejects.toMatchObject({ kind: 'timeout' });
    open.apply(await log.readFrom(0, 10));
    expect((await intake.accept(alert('a', 'daily'))).outcome).toBe('joined');
  });
});

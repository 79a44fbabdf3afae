import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { CHECKPOINTS_KEY, segmentKey } from '../../adapters/redis/keys.js';
import { allBytes } from '../../adapters/redis/log-reader.js';
import type { NewEvent } from '../../src/domain/events.js';
import { createCompactRange, leafHash } from '../../src/domain/merkle.js';
import {
  openCheckpoint,
  parseVerifierKey,
  signCheckpoint,
  splitNotes,
  verifierKey,
} from '../../src/domain/signed-note.js';
import { type LogReport, verifyLog } from '../../src/domain/verify.js';
import type { Finding } from '../../src/domain/verify-checkpoints.js';
import { createProcessLog } from '../../src/log.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { type Sealing, startSealing } from '../support/sealing.js';

/**
 * What somebody with an administrator's rights on Redis can do to the log, and what `log verify` makes of it. Rows that say
 * `unseen` are as important as the others: nothing may be promised that does not hold.
 */

const SUBJECTS = 10;
const PER_SUBJECT = 100;
const SIZE = SUBJECTS * PER_SUBJECT;
const LOG = segmentKey(0);
const processLog = createProcessLog('test', 'silent');
const event = (text: string): NewEvent => ({
  type: 'note.added',
  data: { by: { id: 'ann@example.com', via: 'web' }, text },
  actor: { kind: 'person', id: 'ann@example.com', role: 'web' },
});

let redis: TestRedis;
let sealing: Sealing;
let admin: Redis;
let web: LogConnection;
let entries: string[];
let notes: string[];

beforeAll(async () => {
  redis = await startTestRedis();
  admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
  sealing = await startSealing(redis.urlFor('sealer'));
  web = await connectLog({ url: redis.urlFor('web'), role: 'web', vkey: sealing.vkey, allowWeak: false, processLog });
  // Rounds over all subjects, a checkpoint after each: the shape of many incidents at once.
  for (let round = 0; round < PER_SUBJECT; round += 10) {
    for (let subject = 0; subject < SUBJECTS; subject++) {
      const events = Array.from({ length: 10 }, (_, i) => event(`${subject}/${round + i}`));
      await web.log.append(`draft-${subject}`, round, events);
    }
    await web.checkpoints.covering((await web.log.size()) - 1, 5000);
  }
  await sealing.down();
  entries = await admin.lrange(LOG, 0, -1);
  notes = await web.checkpoints.notes();
}, 60_000);

afterAll(async () => {
  web.close();
  admin.disconnect();
  await sealing.stop();
  await redis.stop();
});

async function put(key: string, values: readonly string[]): Promise<void> {
  await admin.del(key);
  for (let i = 0; i < values.length; i += 500) await admin.rpush(key, ...values.slice(i, i + 500));
}

beforeEach(async () => {
  await put(LOG, entries);
  await put(CHECKPOINTS_KEY, notes);
});

async function verified(kept: string[] = []): Promise<LogReport> {
  return verifyLog({
    entries: allBytes(admin),
    checkpoints: await admin.lrange(CHECKPOINTS_KEY, 0, -1),
    vkey: sealing.vkey,
    kept,
  });
}

const edited = (line: string): string => line.replace('ann@example.com', 'eve@example.com');

/** What an attacker does after a change so that the story still adds up: every subject is numbered again. */
function renumbered(lines: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const entry = JSON.parse(line) as { subject: string; n: number };
    const n = (seen.get(entry.subject) ?? 0) + 1;
    seen.set(entry.subject, n);
    return JSON.stringify({ ...entry, n });
  });
}

/** Checkpoints over other entries, at the same sizes, as far as the log reaches. */
function resigned(lines: readonly string[], privateKey: KeyObject, name = 'countersign/log'): string[] {
  const sizes = new Set(notes.map((note) => Number(note.split('\n')[1])));
  const range = createCompactRange();
  return lines.flatMap((line) => {
    range.append(leafHash(line));
    if (!sizes.has(range.size)) return [];
    return [signCheckpoint({ origin: name, size: range.size, root: range.root() }, name, privateKey)];
  });
}

const sizeOf = (note: string): number => openCheckpoint(note, parseVerifierKey(sealing.vkey))?.size ?? -1;
const around = (report: LogReport, index: number): Finding[] =>
  report.findings.filter((one) => (one.index ?? 0) <= index && index <= (one.to ?? one.index ?? 0));

describe('the log as it was written', () => {
  it('verifies, with every checkpoint compared and nothing left unsealed', async () => {
    const report = await verified([notes.at(-1) ?? '']);
    expect(report).toMatchObject({ ok: true, size: SIZE, sealed: SIZE, unsealed: 0, subjects: SUBJECTS, findings: [] });
    expect(report.rootsCompared).toBe(notes.length + 1);
    expect(report.signaturesChecked).toBeGreaterThan(notes.length / 2);
  });
});

describe('tampering that is seen, and where', () => {
  const cases: [string, () => Promise<unknown>, { kind: string; at: number }][] = [
    ['a field edited in place', () => admin.lset(LOG, 432, edited(entries[432] ?? '')), { kind: 'changed', at: 432 }],
    [
      'one bit flipped in the first entry',
      () => admin.lset(LOG, 0, flip(entries[0] ?? '')),
      { kind: 'changed', at: 0 },
    ],
    [
      'the last entry edited',
      () => admin.lset(LOG, SIZE - 1, edited(entries[SIZE - 1] ?? '')),
      { kind: 'changed', at: SIZE - 1 },
    ],
    ['an entry dropped', () => put(LOG, without(700)), { kind: 'changed', at: 700 }],
    [
      'an entry dropped and the rest renumbered',
      () => put(LOG, renumbered(without(700))),
      { kind: 'changed', at: 700 },
    ],
    ['an entry inserted', () => put(LOG, withInserted(555)), { kind: 'changed', at: 555 }],
    [
      'an entry inserted and the rest renumbered',
      () => put(LOG, renumbered(withInserted(555))),
      { kind: 'changed', at: 555 },
    ],
    ['two entries swapped', () => put(LOG, swapped(120, 121)), { kind: 'changed', at: 120 }],
    ['two entries swapped and renumbered', () => put(LOG, renumbered(swapped(120, 345))), { kind: 'changed', at: 120 }],
    ['the last 50 entries cut off', () => admin.ltrim(LOG, 0, SIZE - 51), { kind: 'truncated', at: SIZE - 50 }],
    ['everything cut off', () => admin.del(LOG), { kind: 'truncated', at: 0 }],
    ['all checkpoints removed', () => admin.del(CHECKPOINTS_KEY), { kind: 'unsealed', at: 0 }],
  ];
  it.each(cases)('%s', async (_, attack, expected) => {
    await attack();
    const report = await verified();
    expect(report.ok).toBe(false);
    const found = around(report, expected.at).filter((one) => one.kind === expected.kind);
    expect(found, JSON.stringify(report.findings.slice(0, 5))).toHaveLength(1);
    // The range is that between two checkpoints, not the whole log.
    if (expected.kind === 'changed') expect((found[0]?.to ?? 0) - (found[0]?.index ?? 0)).toBeLessThan(150);
  });

  it('names the very entry when the numbering of a subject does not fit', async () => {
    await put(LOG, without(700));
    const orders = (await verified()).findings.filter((one) => one.kind === 'order');
    const { subject } = JSON.parse(entries[700] ?? '') as { subject: string };
    expect(orders).toHaveLength(1);
    expect(orders[0]?.text).toContain(subject);
    expect(orders[0]?.index).toBe(700);
  });

  it('sees a log that was rebuilt and signed with another key', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const rebuilt = entries.map(edited);
    await put(LOG, rebuilt);
    await put(CHECKPOINTS_KEY, resigned(rebuilt, privateKey));
    const kinds = new Set((await verified()).findings.map((one) => one.kind));
    expect(kinds).toEqual(new Set(['bad_checkpoint', 'unsealed']));
  });

  it('sees a forged checkpoint among good ones', async () => {
    await admin.rpush(CHECKPOINTS_KEY, (notes.at(-1) ?? '').replace(`\n${SIZE}\n`, `\n${SIZE + 5}\n`));
    expect((await verified()).findings.map((one) => one.kind)).toEqual(['bad_checkpoint']);
  });
});

describe('tampering that only a kept checkpoint shows', () => {
  it('the tail cut off together with its checkpoints', async () => {
    const kept = notes.at(-1) ?? '';
    await admin.ltrim(LOG, 0, SIZE - 201);
    await put(
      CHECKPOINTS_KEY,
      notes.filter((note) => sizeOf(note) <= SIZE - 200),
    );
    const blind = await verified();
    expect(blind.ok).toBe(true);
    expect(blind.notes.join()).toMatch(/No kept checkpoint/);
    expect((await verified([kept])).findings.map((one) => one.kind)).toEqual(['truncated']);
  });

  it('a log rebuilt and signed again with the stolen key', async () => {
    const stolen = generateKeyPairSync('ed25519');
    const vkey = verifierKey('countersign/log', stolen.publicKey);
    const kept = resigned(entries, stolen.privateKey).at(-3) ?? '';
    const rebuilt = entries.map((line, i) => (i === 50 ? edited(line) : line));
    const checkpoints = resigned(rebuilt, stolen.privateKey);
    expect((await verifyLog({ entries: rebuilt, checkpoints, vkey })).ok).toBe(true);
    const seen = await verifyLog({ entries: rebuilt, checkpoints, vkey, kept: [kept] });
    expect(seen.findings.map((one) => one.kind)).toEqual(['kept_checkpoint']);
  });

  it('but not one that the key did not sign: that proves nothing', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const [foreign = ''] = resigned(entries, privateKey);
    await expect(verified([foreign])).rejects.toMatchObject({ kind: 'invalid_input' });
    expect(splitNotes(foreign)).toHaveLength(1);
  });
});

describe('what nobody can vouch for', () => {
  it('a forged entry in the tail that is not sealed yet: reported as unsealed, never as verified', async () => {
    const before = await verified();
    await admin.rpush(
      LOG,
      JSON.stringify({ ...(JSON.parse(edited(entries[0] ?? '')) as object), subject: 'draft-new', n: 1 }),
    );
    const report = await verified();
    expect(report).toMatchObject({ ok: true, size: SIZE + 1, sealed: SIZE, unsealed: 1 });
    expect(report.notes.join()).toMatch(/1 entries at the end are not under a checkpoint/);
    expect(before.unsealed).toBe(0);
  });
});

function flip(line: string): string {
  return `${line.slice(0, 60)}${String.fromCharCode(line.charCodeAt(60) ^ 1)}${line.slice(61)}`;
}

function without(index: number): string[] {
  return entries.filter((_, i) => i !== index);
}

function withInserted(index: number): string[] {
  return [...entries.slice(0, index), edited(entries[index] ?? ''), ...entries.slice(index)];
}

function swapped(a: number, b: number): string[] {
  const copy = [...entries];
  [copy[a], copy[b]] = [copy[b] ?? '', copy[a] ?? ''];
  return copy;
}

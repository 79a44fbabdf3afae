import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AT_REST,
  attemptsToWrite,
  countersign,
  descendants,
  freshEnvironment,
  isAlive,
  startCommand,
  startStack,
  type TestStack,
  temporaryFolder,
} from '../support/stack.js';

const APPROVE = ['--decide', 'approve', '--as', 'you@example.com', '--check', 'schema diff matches'];
const REJECT = ['--decide', 'reject', '--as', 'you@example.com', '--reason', 'the source team reverts the rename'];

describe('countersign demo', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  const demo = (...args: string[]) => countersign(['demo', ...args], freshEnvironment(folder.path));

  it('plays the sample incident from alert to verified repair', async () => {
    const { code, out, err } = await demo(...APPROVE);
    const order = [
      'daily_transactions.transform failed',
      '→ schema_registry_diff(source="core_banking.transactions", since="24h")',
      '→ git_blame(file="dags/transactions/transform.py", lines="merchant_subcategory")',
      'newest change 47d ago',
      'Diagnosis: column renamed, in the schema registry',
      'Decide: bronze.transactions: add column merchant_subcategory_v2',
      'Patch dags/transactions/transform.py. For a person, never executed.',
      'Approved by you@example.com',
      'schema diff matches',
      'Repair carried out: 2 steps',
      'Recovery verified: 2 of 2 checks met',
      'Resolved',
      'log ok:',
      'is resolved.',
    ];
    const places = order.map((text, index) => out.indexOf(text, index === 0 ? 0 : out.indexOf(order[index - 1] ?? '')));
    expect(order.filter((_, index) => (places[index] ?? -1) < 0)).toEqual([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('takes a rejection, and ends well with nothing repaired', async () => {
    const { code, out, err } = await demo(...REJECT);
    expect(out).toContain('Rejected by you@example.com');
    expect(out).toContain('the source team reverts the rename');
    expect(out).toContain('log ok:');
    expect(out).toContain('is rejected.');
    expect(out).not.toMatch(/Repair running|Repair carried out/);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('refuses a stranger, and an approval without a check, with exit code 1', async () => {
    const stranger = await demo('--decide', 'approve', '--as', 'mallory@example.com', '--check', 'schema diff matches');
    expect(stranger.out).toContain('mallory@example.com is not on the list');
    expect(stranger.out).not.toMatch(/Repair running|Repair carried out/);
    expect(stranger.code).toBe(1);
    const unchecked = await demo('--decide', 'approve', '--as', 'you@example.com');
    expect(unchecked.out).not.toMatch(/Repair running|Repair carried out/);
    expect(unchecked.code).toBe(1);
  });
});

describe('Ctrl-C while the demo waits for a person', () => {
  it('leaves no process and no folder', async () => {
    const folder = temporaryFolder();
    const running = startCommand(['demo'], freshEnvironment(folder.path, { TMPDIR: folder.path }));
    await running.says(/approve \/ modify \/ reject\? /);
    const children = descendants(running.child.pid ?? 0);
    expect([...children.values()].join('\n')).toContain('redis-server');
    running.interrupt();
    expect(await running.ended).toBe(130);
    expect([...children].filter(([pid]) => isAlive(pid))).toEqual([]);
    expect(readdirSync(folder.path)).toEqual([]);
    folder.remove();
  });
});

describe('an approval on a running Countersign', () => {
  it('is what writes: the same look at the platform that finds nothing after a rejection finds it', async () => {
    const stack = await startStack();
    try {
      const incident = await stack.alert();
      await stack.until(incident, AT_REST);
      expect(attemptsToWrite(await stack.requests())).toEqual([]);
      const [, ...approve] = APPROVE;
      const { code } = await countersign(['decide', incident, ...approve], stack.commandEnvironment);
      expect(code).toBe(0);
      await stack.until(incident, ['resolved']);
      const writes = attemptsToWrite(await stack.requests());
      expect(writes.map((one) => one.system)).toEqual(expect.arrayContaining(['trino', 'airflow']));
      expect(new Set(writes.map((one) => one.user))).toEqual(new Set(['countersign-repairer']));
      expect((await stack.changes()).filter((change) => change.cause === 'repair')).not.toEqual([]);
    } finally {
      await stack.stop();
    }
  });
});

describe('a rejection on a running Countersign', () => {
  let stack: TestStack;
  let incident: string;
  beforeAll(async () => {
    stack = await startStack();
    incident = await stack.alert();
    await stack.until(incident, AT_REST);
  });
  afterAll(() => stack.stop());
  const command = (...args: string[]) => countersign(args, stack.commandEnvironment);

  it('reaches no system: nothing is written, and the repairer asks nothing', async () => {
    const before = await stack.requests();
    expect(before.length).toBeGreaterThan(5);
    const { code, out } = await command('decide', incident, 'reject', '--as', 'you@example.com', '--reason', 'not now');
    expect(out).toContain('Nothing will be changed.');
    expect(code).toBe(0);
    // Long enough for the repairer's own round over unfinished incidents.
    await new Promise((done) => setTimeout(done, 6000));
    expect(await stack.until(incident, ['rejected'])).toBeDefined();
    expect(attemptsToWrite(await stack.requests())).toEqual([]);
    expect((await stack.requests()).filter((one) => one.user === 'countersign-repairer')).toEqual([]);
    expect((await stack.changes()).filter((change) => change.cause === 'repair')).toEqual([]);
  });

  it('is in a log that verifies, until an administrator of Redis changes one entry', async () => {
    const good = await command('log', 'verify', '--json');
    expect(JSON.parse(good.out)).toMatchObject({ ok: true, findings: [] });
    expect(good.code).toBe(0);
    const at = (await stack.entries()).findIndex((line) => line.includes('"decision.recorded"'));
    await rewrite(stack, at, (line) => line.replace('not now', 'not yet'));
    const tampered = await command('log', 'verify', '--json');
    const report = JSON.parse(tampered.out) as { ok: boolean; findings: { index: number }[] };
    expect(report.ok).toBe(false);
    expect(report.findings.length).toBeGreaterThan(0);
    expect(tampered.code).toBe(1);
    expect((await command('log', 'verify')).out).toContain('LOG NOT OK');
  });
});

async function rewrite(stack: TestStack, index: number, change: (line: string) => string): Promise<void> {
  const line = (await stack.entries())[index] ?? '';
  const changed = change(line);
  expect(changed).not.toBe(line);
  const redis = await stack.administrator();
  await redis.lset('{cs}:log:0', index, changed);
  redis.disconnect();
}

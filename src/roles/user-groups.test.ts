import { beforeEach, describe, expect, it } from 'vitest';
import { createGateCase, type GateCase } from '../../test/support/gate-case.js';
import { TEST_KEY, testClick, testPolicy } from '../../test/support/incidents.js';
import { createManualClock, createMemoryLog, type MemoryLog } from '../../test/support/memory-log.js';
import { createRepairCase, type RepairCase, signal } from '../../test/support/repair-case.js';
import { createSigner, createVerifier, generateDecisionKey } from '../approve/seal.js';
import { listedPeople } from '../domain/approval.js';
import { DIRECTORY_SUBJECT } from '../domain/directory.js';
import { AppError } from '../domain/errors.js';
import type { Policy } from '../domain/policy.js';
import type { EventLog } from '../domain/ports.js';
import { directoryStatement } from '../domain/sealed-statement.js';
import { createProcessLog } from '../log.js';
import { createRepair } from '../repair/repair.js';
import { createUserGroups, FRESH_MS, policyByTheLog, type UserGroups } from './user-groups.js';

const GROUP = 'S0ONCALL';
const written = testPolicy({
  groups: { oncall: [`slack:${GROUP}`] },
  approvers: { risk: { medium: ['@oncall'] } },
});
const processLog = createProcessLog('test', 'silent');
const signer = createSigner(TEST_KEY.privateKeyPem);
const MINUTE = 60_000;

let clock: ReturnType<typeof createManualClock>;
let log: MemoryLog;
/** What Slack says, or fails with; and how often it was asked. */
let slack: { members: string[] | AppError; asked: number };
let policy: Policy;

beforeEach(() => {
  clock = createManualClock();
  log = createMemoryLog(clock);
  slack = { members: ['ana@example.com'], asked: 0 };
  policy = written;
});

const open = (of: EventLog = log): Promise<UserGroups> =>
  createUserGroups({
    log: of,
    policy: () => ({ policy, digest: 'p' }),
    membersOf: async () => {
      slack.asked += 1;
      if (slack.members instanceof AppError) throw slack.members;
      return slack.members;
    },
    time: { clock, sleep: () => new Promise(() => undefined) },
    signer,
    processLog,
  });

const people = (groups: UserGroups): string[] => {
  const now = groups.policy();
  return [...listedPeople(now.policy, now.policy.approvers.risk.medium)];
};
const recorded = async (): Promise<unknown[]> => {
  const stored = await log.read(DIRECTORY_SUBJECT);
  return stored.map(({ entry }) => (entry.type === 'directory.loaded' ? entry.data.groups : entry.type));
};
const unavailable = new AppError('unavailable', { safeText: 'Slack does not answer.' });

describe('user groups', () => {
  it('are nobody until somebody said who is in them, and then these, by the log', async () => {
    const groups = await open();
    expect(people(groups)).toEqual([]);
    await groups.freshen(0);
    expect(people(groups)).toEqual(['ana@example.com']);
    expect(await recorded()).toEqual([{ [GROUP]: ['ana@example.com'] }]);
    expect(people(await open())).toEqual(['ana@example.com']);
  });

  it('are written down only when they changed', async () => {
    const groups = await open();
    for (const members of [['b@x.y', 'a@x.y'], ['a@x.y', 'b@x.y', 'a@x.y'], ['a@x.y']]) {
      slack.members = members;
      clock.advance(MINUTE);
      await groups.freshen(0);
    }
    expect(await recorded()).toEqual([{ [GROUP]: ['a@x.y', 'b@x.y'] }, { [GROUP]: ['a@x.y'] }]);
  });

  it('are asked for before a click only when the last answer is too old, and by many clicks at once', async () => {
    const groups = await open();
    await Promise.all([groups.freshen(FRESH_MS), groups.freshen(FRESH_MS)]);
    clock.advance(FRESH_MS);
    await groups.freshen(FRESH_MS);
    expect(slack.asked).toBe(1);
    clock.advance(1);
    slack.members = [];
    await groups.freshen(FRESH_MS);
    expect(slack.asked).toBe(2);
    expect(people(groups)).toEqual([]);
  });

  it('are asked for at once when the policy names another one', async () => {
    const groups = await open();
    await groups.freshen(FRESH_MS);
    policy = testPolicy({ groups: { oncall: ['slack:S0OTHER'] }, approvers: { risk: { medium: ['@oncall'] } } });
    expect(people(groups)).toEqual([]);
    await groups.freshen(FRESH_MS);
    expect(people(groups)).toEqual(['ana@example.com']);
  });

  it('are never asked for where the policy names none', async () => {
    policy = testPolicy();
    const groups = await open();
    await groups.freshen(0);
    expect([slack.asked, await recorded()]).toEqual([0, []]);
  });

  it('stay as last said while Slack is away, for a quarter of an hour, and are then nobody for everybody', async () => {
    const groups = await open();
    await groups.freshen(0);
    slack.members = unavailable;
    clock.advance(15 * MINUTE);
    await groups.freshen(FRESH_MS);
    expect(people(groups)).toEqual(['ana@example.com']);
    clock.advance(MINUTE);
    await groups.freshen(FRESH_MS);
    expect(people(groups)).toEqual([]);
    expect((await recorded()).at(-1)).toEqual({});
    slack.members = ['ana@example.com'];
    clock.advance(MINUTE);
    await groups.freshen(FRESH_MS);
    expect(people(groups)).toEqual(['ana@example.com']);
  });

  it('are asked for again soon after Slack did not answer, but not at every click', async () => {
    const groups = await open();
    slack.members = unavailable;
    await groups.freshen(FRESH_MS);
    slack.members = ['ana@example.com'];
    await groups.freshen(FRESH_MS);
    expect([slack.asked, people(groups), await recorded()]).toEqual([1, [], []]);
    clock.advance(5000);
    await groups.freshen(FRESH_MS);
    expect([slack.asked, people(groups)]).toEqual([2, ['ana@example.com']]);
  });

  it('are nobody at once when Slack has no such group any more', async () => {
    const groups = await open();
    await groups.freshen(0);
    slack.members = new AppError('not_found', { safeText: 'There is no such group.' });
    clock.advance(MINUTE);
    await groups.freshen(FRESH_MS);
    expect(people(groups)).toEqual([]);
  });

  it('of two web processes are one story, and each knows what the other wrote', async () => {
    const [one, two] = [await open(), await open()];
    await Promise.all([one.freshen(0), two.freshen(0)]);
    expect(await recorded()).toHaveLength(1);
    slack.members = ['ben@example.com'];
    clock.advance(MINUTE);
    await two.freshen(0);
    expect(people(one)).toEqual(['ana@example.com']);
    const entries = await log.readFrom(0, 100);
    one.apply(entries);
    one.apply(entries.slice(0, 1));
    expect(people(one)).toEqual([]);
    await one.freshen(FRESH_MS);
    expect(people(one)).toEqual(['ben@example.com']);
    expect(await recorded()).toHaveLength(2);
  });

  it('grant nothing that the web role did not sign for this place in the log: not here, not after a start, not to the repairer', async () => {
    const groups = await open();
    await groups.freshen(0);
    slack.members = ['ana@example.com', 'mallory@example.com'];
    clock.advance(MINUTE);
    await groups.freshen(0);
    const old = (await log.read(DIRECTORY_SUBJECT)).at(-1)?.entry;
    if (old?.type !== 'directory.loaded') throw new Error('no directory');
    slack.members = ['ana@example.com'];
    clock.advance(MINUTE);
    await groups.freshen(0);
    const actor = { kind: 'system' as const, id: 'directory', role: 'web' };
    const said = { source: 'slack' as const, groups: { [GROUP]: ['mallory@example.com'] } };
    const forger = createSigner(generateDecisionKey().privateKeyPem);
    const forged = { ...said, seal: forger.sign(directoryStatement(5, said)) };
    for (const data of [old.data, forged]) {
      const { length } = await log.read(DIRECTORY_SUBJECT);
      const { entries } = await log.append(DIRECTORY_SUBJECT, length, [{ type: 'directory.loaded', data, actor }]);
      groups.apply(entries);
    }
    expect(people(await open())).toEqual(['ana@example.com']);
    const { policy: now } = await policyByTheLog(() => ({ policy: written, digest: 'p' }), log, signer)();
    expect([...listedPeople(now, now.approvers.risk.medium)]).toEqual(['ana@example.com']);
    // Within the time in which a click asks nobody.
    await groups.freshen(FRESH_MS);
    expect(people(groups)).toEqual(['ana@example.com']);
    slack.members = unavailable;
    clock.advance(MINUTE);
    await groups.freshen(FRESH_MS);
    expect(people(groups)).toEqual(['ana@example.com']);
    expect(await recorded()).toHaveLength(5);
  });

  it('do not change for a click when the log can not be written, in either way it can fail', async () => {
    const groups = await open();
    await groups.freshen(0);
    for (const fault of ['before', 'after'] as const) {
      slack.members = [`${fault}@example.com`];
      clock.advance(MINUTE);
      log.failNext(fault);
      await groups.freshen(0);
      expect(people(groups)).not.toContain(`${fault}@example.com`);
      await groups.freshen(FRESH_MS);
      expect(people(groups)).toEqual([`${fault}@example.com`]);
    }
    expect(await recorded()).toHaveLength(3);
  });
});

describe('somebody who is taken out of the group', () => {
  it('before the click is refused with the reason', async () => {
    const c: GateCase = createGateCase();
    const groups = await open(c.log);
    await groups.freshen(0);
    const { card } = await c.opened();
    slack.members = ['ben@example.com'];
    clock.advance(FRESH_MS + 1);
    await groups.freshen(FRESH_MS);
    c.policy = groups.policy().policy;
    expect(await c.gate.decide(testClick(card))).toMatchObject({
      outcome: 'not_allowed',
      text: expect.stringContaining('ana@example.com is not on the list'),
    });
  });

  const executed = async (c: RepairCase, change: () => Promise<void>): Promise<RepairCase> => {
    c.policy = (await open(c.log)).policy().policy;
    const groups = await open(c.log);
    await groups.freshen(0);
    c.policy = groups.policy().policy;
    const job = await c.approved();
    await change();
    await groups.freshen(0);
    const repair = createRepair({
      log: c.log,
      checkpoints: c.checkpoints,
      verifier: createVerifier({ test: TEST_KEY.publicKeyPem }),
      tools: c.target.tools,
      facts: c.target.facts,
      policy: policyByTheLog(() => ({ policy: written, digest: 'p' }), c.log, signer),
      clock: c.clock,
      processLog,
    });
    await repair.repair(job, signal);
    return c;
  };

  it('between click and execution: nothing is carried out, and the card says why', async () => {
    const c = await executed(createRepairCase(), async () => {
      slack.members = ['ben@example.com'];
      clock.advance(MINUTE);
    });
    expect(c.target.effects).toEqual([]);
    expect((await c.events('repair.refused'))[0]?.because).toContain('ana@example.com is not on the list');
  });

  it('not at all: the repair runs', async () => {
    const c = await executed(createRepairCase(), async () => clock.advance(MINUTE));
    expect(c.target.effects).toHaveLength(1);
  });

  it('because the group is gone: the card says that nobody knows who is in it', async () => {
    const c = await executed(createRepairCase(), async () => {
      slack.members = new AppError('not_found', { safeText: 'There is no such group.' });
      clock.advance(MINUTE);
    });
    expect(c.target.effects).toEqual([]);
    expect((await c.events('repair.refused'))[0]?.because).toContain(`who is in slack:${GROUP} is not known`);
  });
});

it('the repairer takes nobody for a group that the log never told of', async () => {
  const { policy: now } = await policyByTheLog(() => ({ policy: written, digest: 'p' }), log, signer)();
  expect([...listedPeople(now, now.approvers.risk.medium)]).toEqual([]);
});

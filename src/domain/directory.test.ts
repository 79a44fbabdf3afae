import { describe, expect, it } from 'vitest';
import { createGateCase, type GateCase } from '../../test/support/gate-case.js';
import { TEST_KEY, testClick, testPolicy, testProposal } from '../../test/support/incidents.js';
import { parsePolicy } from '../approve/policy.js';
import { createSigner, createVerifier } from '../approve/seal.js';
import { listedPeople, rightsFault } from './approval.js';
import { NO_SEAL } from './decision.js';
import { DIRECTORY_SUBJECT, directoryIn, slackGroupsIn, withMembers } from './directory.js';
import type { Entry, EventOf } from './events.js';
import { directoryStatement } from './sealed-statement.js';
import { createStory } from './verify-story.js';

const GROUP = 'S0ONCALL';
const written = testPolicy({
  groups: { oncall: [`slack:${GROUP}`, 'dora@example.com'] },
  approvers: { risk: { medium: ['@oncall'] } },
});
const proposal = testProposal({ incident: 'INC-1' });
const signer = createSigner(TEST_KEY.privateKeyPem);
const ZED = { source: 'slack' as const, groups: { [GROUP]: ['zed@example.com'] } };

describe('a user group in the policy', () => {
  const people = (directory?: Parameters<typeof withMembers>[1]): string[] => {
    const policy = withMembers(written, directory);
    return [...listedPeople(policy, policy.approvers.risk.medium)].sort();
  };

  it('stands for its members, beside the people that are written down', () => {
    expect(people({ slack: { [GROUP]: ['Ana@example.com'] } })).toEqual(['ana@example.com', 'dora@example.com']);
    expect(slackGroupsIn(written)).toEqual([GROUP]);
  });

  it.each([
    ['nothing was ever recorded', undefined],
    ['it is not in what was recorded', { slack: { S0OTHER: ['ana@example.com'] } }],
    ['only another chat knows such a group', { teams: { [GROUP]: ['ana@example.com'] } }],
    ['it is empty', { slack: { [GROUP]: [] } }],
  ])('stands for nobody when %s', (_, directory) => {
    expect(people(directory)).toEqual(['dora@example.com']);
  });

  it('is never a person itself, nor do its members name groups', () => {
    expect(rightsFault(written, proposal, `slack:${GROUP}`)).toContain(`who is in slack:${GROUP} is not known`);
    expect(people({ slack: { [GROUP]: ['@leads', 'slack:S0OTHER'] } })).toEqual(['dora@example.com']);
  });

  it('leaves the digest of the policy as that of its file', () => {
    const file = parsePolicy(`version: 1\ngroups: { oncall: ['slack:${GROUP}'] }`);
    expect(withMembers(file.policy, { slack: { [GROUP]: ['ana@example.com'] } })).not.toEqual(file.policy);
    expect(parsePolicy(`version: 1\ngroups: { oncall: ["slack:${GROUP}"] }`).digest).toBe(file.digest);
  });

  it.each([
    ["groups: { oncall: ['slack:oncall'] }", /slack:oncall is no user group/],
    ["groups: { oncall: ['slack:s0123'] }", /slack:s0123 is no user group/],
    [`approvers: { risk: { low: ['slack:${GROUP}'] } }`, /put it into a group under groups/],
  ])('is refused where it is written wrongly: %s', (yaml, says) => {
    expect(() => parsePolicy(`version: 1\n${yaml}`)).toThrow(says);
  });

  it('is not held against four eyes, as nobody knows here how many are in it', () => {
    expect(() =>
      parsePolicy(`version: 1\ngroups: { leads: ['slack:${GROUP}'] }\napprovers: { risk: { high: ['@leads'] } }`),
    ).not.toThrow();
  });
});

describe('the verifier', () => {
  const system = { kind: 'system' as const, id: 'directory', role: 'web' };
  const append = async (c: GateCase, data: EventOf<'directory.loaded'>['data']): Promise<void> => {
    const { length } = await c.log.read(DIRECTORY_SUBJECT);
    await c.log.append(DIRECTORY_SUBJECT, length, [{ type: 'directory.loaded', data, actor: system }]);
  };

  /** Ana approves while she is in the group; `recorded` is what the log says of it before and after. */
  async function findings(
    before: string[] | undefined,
    after: string[] | undefined,
    forge: (c: GateCase) => Promise<void> = async () => undefined,
  ): Promise<string[]> {
    const c = createGateCase();
    const loaded = async (members: string[] | undefined): Promise<void> => {
      if (members === undefined) return;
      const data = { source: 'slack' as const, groups: { [GROUP]: members } };
      const { length } = await c.log.read(DIRECTORY_SUBJECT);
      const seal = signer.sign(directoryStatement(length + 1, data));
      await append(c, { ...data, seal });
    };
    await loaded(before);
    await forge(c);
    const { card } = await c.opened();
    c.policy = withMembers(written, { slack: { [GROUP]: ['ana@example.com'] } });
    expect((await c.gate.decide(testClick(card))).outcome).toBe('decided');
    await loaded(after);
    const found: string[] = [];
    const story = createStory(
      {
        policy: { policy: written, digest: 'p'.repeat(64) },
        decisions: createVerifier({ test: TEST_KEY.publicKeyPem }),
        sizes: new Set(),
      },
      (_kind, _index, text) => void found.push(text),
    );
    c.log.lines.forEach((line, index) => void story.see(index, line));
    return found;
  }

  it('judges by the directory that was in force when it was decided', async () => {
    expect(await findings(['ana@example.com'], undefined)).toEqual([]);
    expect(await findings(['ana@example.com'], ['ben@example.com'])).toEqual([]);
  });

  it('finds an approval by somebody who was not in the group then, whoever is in it later', async () => {
    expect((await findings(['ben@example.com'], ['ana@example.com'])).join()).toContain(
      'ana@example.com is not on the list',
    );
  });

  it('finds an approval where nobody had recorded who is in the group', async () => {
    expect((await findings(undefined, undefined)).join()).toContain(`who is in slack:${GROUP} is not known`);
  });

  it('finds user groups that the web role did not sign, and the approval that rests on them', async () => {
    const found = await findings(['ben@example.com'], undefined, (c) =>
      append(c, { source: 'slack', groups: { [GROUP]: ['ana@example.com'] }, seal: NO_SEAL }),
    );
    expect(found.join()).toContain('signature of the user groups is not good');
    expect(found.join()).toContain('ana@example.com is not on the list');
  });

  it('finds old user groups that are written a second time', async () => {
    const found = await findings(['ana@example.com'], undefined, async (c) => {
      const [first] = await c.log.read(DIRECTORY_SUBJECT);
      if (first?.entry.type !== 'directory.loaded') throw new Error('no directory');
      const data = { source: 'slack' as const, groups: { [GROUP]: ['ben@example.com'] } };
      await append(c, { ...data, seal: signer.sign(directoryStatement(2, data)) });
      await append(c, first.entry.data);
    });
    expect(found.join()).toContain('made for another place in the log');
    expect(found.join()).toContain('ana@example.com is not on the list');
  });

  it('takes no word about groups from anywhere but the system subject', () => {
    const entry = {
      v: 1 as const,
      id: 'x',
      at: '2026-03-11T02:14:00.000Z',
      subject: 'INC-1',
      n: 1,
      actor: system,
      type: 'directory.loaded' as const,
      data: { ...ZED, seal: signer.sign(directoryStatement(1, ZED)) },
    };
    expect(directoryIn([{ index: 0, entry }], signer)).toBeUndefined();
    const said = { ...entry, subject: DIRECTORY_SUBJECT };
    expect(directoryIn([{ index: 0, entry: said }], signer)).toEqual({ slack: ZED.groups });
  });

  it('goes by the newest position, also where the bytes of an old entry stand once more', () => {
    const at = (n: number, member: string): Entry => {
      const data = { source: 'slack' as const, groups: { [GROUP]: [member] } };
      const seal = signer.sign(directoryStatement(n, data));
      const envelope = { v: 1 as const, id: 'x', at: '2026-03-11T02:14:00.000Z', subject: DIRECTORY_SUBJECT, n };
      return { ...envelope, actor: system, type: 'directory.loaded', data: { ...data, seal } };
    };
    const entries = [at(1, 'ana@example.com'), at(2, 'ben@example.com'), at(1, 'ana@example.com')];
    const stored = entries.map((entry, index) => ({ index, entry }));
    expect(directoryIn(stored, signer)).toEqual({ slack: { [GROUP]: ['ben@example.com'] } });
  });
});

import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import { createTeamsIdentity, type TeamsIdentity, type TeamsWho } from './identity.js';

const TENANT = '11111111-2222-4333-8444-555555555555';
const AAD = 'AAAAAAAA-0000-4000-8000-000000000001';
const WHO: TeamsWho = { user: '29:ana', aad: AAD, conversation: '19:c@thread.tacv2;messageid=17' };
const ANA = {
  id: '29:ana',
  aadObjectId: AAD.toLowerCase(),
  tenantId: TENANT.toUpperCase(),
  userRole: 'user',
  email: 'Ana@Example.com',
  userPrincipalName: 'ana.upn@example.com',
};

interface Given {
  identity: TeamsIdentity;
  asked: [conversation: string, user: string][];
  pass(ms: number): void;
}

function given(answer: unknown, settings: { local?: 'playground' } = {}): Given {
  let now = 1_000_000;
  const asked: [string, string][] = [];
  const identity = createTeamsIdentity({
    connector: {
      async member(conversation, user) {
        asked.push([conversation, user]);
        if (answer instanceof Error) throw answer;
        return answer as { id: string };
      },
    },
    clock: { now: () => new Date(now) },
    settings: { tenantId: TENANT, ...settings },
  });
  return {
    identity,
    asked,
    pass(ms) {
      now += ms;
    },
  };
}

describe('a person is', () => {
  it('the address of the account that Teams signed for, in lower case', async () => {
    const { identity, asked } = given(ANA);
    expect(await identity.personOf(WHO)).toEqual({ id: 'ana@example.com', via: 'teams' });
    expect(asked).toEqual([['19:c@thread.tacv2', '29:ana']]);
  });

  it('the name of the account where there is no mailbox', async () => {
    expect(await given({ ...ANA, email: '' }).identity.personOf(WHO)).toMatchObject({ id: 'ana.upn@example.com' });
    expect(await given({ ...ANA, email: null }).identity.personOf(WHO)).toMatchObject({ id: 'ana.upn@example.com' });
  });

  it('known by the older name of the account in the roster as well', async () => {
    const { aadObjectId, ...older } = ANA;
    expect(await given({ ...older, objectId: aadObjectId }).identity.personOf(WHO)).toBeDefined();
  });

  it('found by account, as the author of a message is', async () => {
    expect(await given(ANA).identity.personOf({ ...WHO, user: AAD })).toMatchObject({ id: 'ana@example.com' });
  });
});

describe('nobody is', () => {
  const nobodies: [string, unknown][] = [
    ['of another account than the roster says', { ...ANA, aadObjectId: 'aaaaaaaa-0000-4000-8000-000000000002' }],
    ['of no account', { ...ANA, aadObjectId: undefined }],
    ['another member than the one asked for', { ...ANA, id: '29:ben' }],
    ['of another tenant', { ...ANA, tenantId: '99999999-2222-4333-8444-555555555555' }],
    ['of no tenant', { ...ANA, tenantId: undefined }],
    ['a guest', { ...ANA, userRole: 'guest' }],
    ['anonymous', { ...ANA, userRole: 'anonymous' }],
    ['a guest by the name of the account', { ...ANA, userRole: null, userPrincipalName: 'x_y.z#EXT#@example.com' }],
    ['without an address', { ...ANA, email: null, userPrincipalName: null }],
    ['of an address with letters that only look like ours', { ...ANA, email: 'аna@example.com' }],
    ['of something that is no address', { ...ANA, email: 'ana' }],
    ['not in the conversation', new AppError('not_found', { safeText: 'not there' })],
  ];
  it.each(nobodies)('who is %s', async (_, answer) => {
    expect(await given(answer).identity.personOf(WHO)).toBeUndefined();
  });

  it('who comes without an account, and Teams is not asked', async () => {
    const { identity, asked } = given(ANA);
    expect(await identity.personOf({ user: WHO.user, conversation: WHO.conversation })).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('what Teams says of somebody', () => {
  it('is asked once for several at the same time, and believed for half a minute', async () => {
    const { identity, asked, pass } = given(ANA);
    await Promise.all([1, 2, 3].map(() => identity.personOf(WHO)));
    pass(29_000);
    await identity.personOf({ ...WHO, conversation: '19:c@thread.tacv2;messageid=18' });
    expect(asked).toHaveLength(1);
    pass(2000);
    await identity.personOf(WHO);
    expect(asked).toHaveLength(2);
  });

  it('is believed longer where nothing is decided', async () => {
    const { identity, asked, pass } = given(ANA);
    await identity.personOf(WHO);
    pass(10 * 60_000);
    await identity.personOf(WHO, 15 * 60_000);
    expect(asked).toHaveLength(1);
  });

  it('is not believed of another account or place', async () => {
    const { identity, asked } = given(ANA);
    await identity.personOf(WHO);
    await identity.personOf({ ...WHO, aad: 'aaaaaaaa-0000-4000-8000-000000000002' });
    await identity.personOf({ ...WHO, conversation: '19:other@thread.tacv2' });
    expect(asked).toHaveLength(3);
  });

  it.each(['unavailable', 'rate_limited', 'forbidden', 'unauthenticated'] as const)(
    'is not known when it answers %s, and is asked again',
    async (kind) => {
      const { identity, asked } = given(new AppError(kind, { safeText: 'no' }));
      await expect(identity.personOf(WHO)).rejects.toMatchObject({ kind });
      await expect(identity.personOf(WHO)).rejects.toMatchObject({ kind });
      expect(asked).toHaveLength(2);
    },
  );

  it('is an error in a form that is not known', async () => {
    await expect(given({ id: 7 }).identity.personOf(WHO)).rejects.toMatchObject({ kind: 'unexpected_answer' });
  });
});

it('the Playground signs nothing: there the roster alone is believed, guests still not', async () => {
  const local = { local: 'playground' } as const;
  const who = { user: WHO.user, conversation: WHO.conversation };
  expect(await given(ANA, local).identity.personOf(who)).toMatchObject({ id: 'ana@example.com' });
  expect(await given({ ...ANA, userRole: 'guest' }, local).identity.personOf(who)).toBeUndefined();
});

import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Person } from '../../src/domain/decision.js';
import { AppError } from '../../src/domain/errors.js';
import { normalAddress } from '../../src/domain/mail-address.js';
import type { Clock } from '../../src/domain/ports.js';
import { remembering } from '../../src/domain/remembering.js';
import { slackCode, slackError } from './errors.js';

/** Who Slack users are. A person is an e-mail address; what is in doubt is nobody. */
export interface SlackIdentity {
  /**
   * Undefined for everybody that a policy can not mean: bots, deactivated accounts, guests, people of other companies, accounts
   * without a confirmed address. @throws AppError when Slack can not say; nothing may be decided then.
   * @param maxAgeMs for what decides nothing, such as the check of a form before it is sent: who it was a while ago is good enough.
   */
  personOf(userId: string, maxAgeMs?: number): Promise<Person | undefined>;
  /** Addresses of a user group's people, sorted. @throws AppError `not_found` when there is no such group (any more). */
  membersOf(groupId: string): Promise<string[]>;
}

export interface SlackIdentityDeps {
  client: WebClient;
  clock: Clock;
  /** Id of our workspace (`T…`). */
  team: string;
}

/** At a click: a deactivated account or a changed address counts at the latest after this. */
const FRESH_MS = 30_000;
/** As a member of a group: only the address is believed this long, never the membership, and whoever clicks is asked for anew. */
const MEMBER_FRESH_MS = 5 * 60_000;
const GROUP_FRESH_MS = 30_000;
/** `users.info` allows about a hundred calls a minute. */
const MAX_MEMBERS = 100;
const AT_ONCE = 4;

const User = z.object({
  id: z.string(),
  team_id: z.string().optional(),
  teams: z.array(z.string()).optional(),
  enterprise_user: z.object({ teams: z.array(z.string()).optional() }).optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_workflow_bot: z.boolean().optional(),
  is_connector_bot: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_invited_user: z.boolean().optional(),
  is_email_confirmed: z.boolean().optional(),
  profile: z.object({ email: z.string().optional() }).optional(),
});
type User = z.infer<typeof User>;

export function createSlackIdentity(deps: SlackIdentityDeps): SlackIdentity {
  const addresses = remembering(deps.clock, (userId) => addressNow(deps, userId));
  const groups = remembering(deps.clock, (groupId) => membersNow(deps, groupId));
  return {
    async personOf(userId, maxAgeMs = FRESH_MS) {
      const id = await addresses(userId, maxAgeMs);
      return id === undefined ? undefined : { id, via: 'slack' };
    },
    async membersOf(groupId) {
      const users = await groups(groupId, GROUP_FRESH_MS);
      const found: (string | undefined)[] = [];
      for (let at = 0; at < users.length; at += AT_ONCE) {
        const some = users.slice(at, at + AT_ONCE);
        found.push(...(await Promise.all(some.map((user) => addresses(user, MEMBER_FRESH_MS)))));
      }
      return [...new Set(found.filter((address) => address !== undefined))].sort();
    },
  };
}

async function addressNow({ client, team }: SlackIdentityDeps, userId: string): Promise<string | undefined> {
  try {
    const answer = await client.users.info({ user: userId });
    const user = User.safeParse(answer.user).data;
    if (user === undefined || user.id !== userId) throw odd('users.info');
    const address = addressOf(user, team);
    if (address === undefined && lacksEmailScope(answer.response_metadata?.scopes)) {
      throw new AppError('forbidden', {
        safeText:
          'The app may not read e-mail addresses, so nobody can be recognised: it lacks the scope users:read.email.',
      });
    }
    return address;
  } catch (error) {
    const code = slackCode(error);
    if (code === 'user_not_found' || code === 'user_not_visible') return undefined;
    throw slackError(error);
  }
}

/** Undefined for whoever is not a full member of our workspace with an address that is theirs. */
function addressOf(user: User, team: string): string | undefined {
  const automatic = user.is_bot || user.is_workflow_bot || user.is_connector_bot || user.id === 'USLACKBOT';
  const guest = user.is_stranger || user.is_restricted || user.is_ultra_restricted || user.is_invited_user;
  if (user.deleted || automatic || guest) return undefined;
  const teams = [user.team_id, ...(user.teams ?? []), ...(user.enterprise_user?.teams ?? [])];
  if (!teams.includes(team)) return undefined;
  if (user.is_email_confirmed === false) return undefined;
  return normalAddress(user.profile?.email);
}

async function membersNow({ client }: SlackIdentityDeps, groupId: string): Promise<string[]> {
  try {
    const { users } = await client.usergroups.users.list({ usergroup: groupId });
    const members = z.array(z.string().max(30)).safeParse(users ?? []).data;
    if (members === undefined) throw odd('usergroups.users.list');
    if (members.length > MAX_MEMBERS) {
      throw new AppError('misconfigured', {
        safeText: `The user group ${groupId} has more than ${MAX_MEMBERS} people; name a smaller one in policy.yaml.`,
      });
    }
    return [...new Set(members)];
  } catch (error) {
    throw slackError(error);
  }
}

/** Slack tells with each answer which scopes the token has. */
function lacksEmailScope(scopes: readonly string[] | undefined): boolean {
  return scopes !== undefined && !scopes.includes('users:read.email');
}

function odd(method: string): AppError {
  return new AppError('unexpected_answer', { safeText: `Slack answered ${method} in a form that is not known.` });
}

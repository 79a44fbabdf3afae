import { z } from 'zod';
import type { Person } from '../../src/domain/decision.js';
import { AppError } from '../../src/domain/errors.js';
import { normalAddress } from '../../src/domain/mail-address.js';
import type { Clock } from '../../src/domain/ports.js';
import { remembering } from '../../src/domain/remembering.js';
import { placeIn, type TeamsConnector } from './connector.js';
import type { TeamsSettings } from './settings.js';

/** Somebody as an activity of Teams names them. */
export interface TeamsWho {
  /** `29:…` */
  user: string;
  /** AAD object id of their account. */
  aad?: string | undefined;
  /** Where they did something; they must be in it. */
  conversation: string;
}

/** Who people in Teams are. A person is the address of an account of our own tenant; what is in doubt is nobody. */
export interface TeamsIdentity {
  /**
   * Undefined for everybody that a policy can not mean: guests, people of other companies and of no account, whoever is not in the
   * conversation, accounts without an address. @throws AppError when Teams can not say; nothing may be decided then.
   * @param maxAgeMs for what decides nothing, such as the check of a form before it is sent: who it was a while ago is good enough.
   */
  personOf(who: TeamsWho, maxAgeMs?: number): Promise<Person | undefined>;
}

export interface TeamsIdentityDeps {
  connector: Pick<TeamsConnector, 'member'>;
  clock: Clock;
  settings: Pick<TeamsSettings, 'tenantId' | 'local'>;
}

/** At a click: somebody who left, or a changed address, counts at the latest after this. */
const FRESH_MS = 30_000;
const MOST_CHARACTERS = 500;

const Text = z.string().max(MOST_CHARACTERS).nullish();
/** The connector's own names, and those of its older answers. */
const Member = z.object({
  id: z.string().max(MOST_CHARACTERS),
  aadObjectId: Text,
  objectId: Text,
  tenantId: Text,
  userRole: Text,
  email: Text,
  userPrincipalName: Text,
});
type Member = z.infer<typeof Member>;

export function createTeamsIdentity(deps: TeamsIdentityDeps): TeamsIdentity {
  const addresses = remembering(deps.clock, (key) => addressNow(deps, JSON.parse(key) as TeamsWho));
  return {
    async personOf({ user, aad, conversation }, maxAgeMs = FRESH_MS) {
      // The roster is the team's, whatever the thread.
      const key = JSON.stringify({ user, aad: aad?.toLowerCase(), conversation: placeIn(conversation).channel });
      const id = await addresses(key, maxAgeMs);
      return id === undefined ? undefined : { id, via: 'teams' };
    },
  };
}

async function addressNow({ connector, settings }: TeamsIdentityDeps, who: TeamsWho): Promise<string | undefined> {
  if (who.aad === undefined && settings.local === undefined) return undefined;
  try {
    const answer = Member.safeParse(await connector.member(who.conversation, who.user)).data;
    if (answer === undefined) {
      throw new AppError('unexpected_answer', { safeText: 'Teams told of a person in a form that is not known.' });
    }
    return isTheirs(answer, who) && isOurs(answer, settings) ? addressOf(answer) : undefined;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

/** The roster's account is the one that Teams signed the activity for. Asked for by account, the roster's own id may differ. */
function isTheirs(member: Member, { user, aad }: TeamsWho): boolean {
  const account = (member.aadObjectId ?? member.objectId)?.toLowerCase();
  if (aad === undefined) return member.id === user;
  return account === aad && (member.id === user || user.toLowerCase() === aad);
}

function isOurs(member: Member, { tenantId, local }: TeamsIdentityDeps['settings']): boolean {
  const tenant = member.tenantId?.toLowerCase();
  if (tenant !== tenantId.toLowerCase() && !(local !== undefined && tenant === undefined)) return false;
  if (member.userRole != null && member.userRole.toLowerCase() !== 'user') return false;
  // How a directory names guests, where the roster does not say what they are.
  return !/#ext#/i.test(member.userPrincipalName ?? '');
}

/** The address that other chats know them by as well; the name of their account where they have no mailbox. */
function addressOf({ email, userPrincipalName }: Member): string | undefined {
  return normalAddress((email ?? '') === '' ? (userPrincipalName ?? undefined) : (email ?? undefined));
}

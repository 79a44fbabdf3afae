import { type Core, type Json, refusal } from './core.js';
import { placeOf } from './tenant.js';
import type { TeamsUser } from './types.js';

/** Members as Teams tells them; of one person when they are named. */
export function answerMembers(core: Core, conversation: string, member?: string): Json | Json[] {
  const { base } = placeOf(conversation);
  const channel = core.tenant.channels.get(base);
  const person = core.tenant.chats.get(base);
  // The roster of a channel is the team's.
  const ids = channel !== undefined ? [...channel.members] : person === undefined ? undefined : [person];
  if (ids === undefined) throw refusal(404, 'ConversationNotFound', 'Conversation not found.');
  const users = ids.flatMap((id) => core.tenant.users.get(id) ?? []);
  if (member === undefined) return users.map(memberOf);
  const found = users.find(({ id, aadObjectId }) => id === member || aadObjectId === member);
  if (found === undefined) throw refusal(404, 'MemberNotFoundInConversation', 'The member was not found.');
  return memberOf(found);
}

function memberOf(user: TeamsUser): Json {
  const { id, name, aadObjectId, email, userPrincipalName, tenantId, userRole } = user;
  const addresses = {
    ...(email === undefined ? {} : { email }),
    ...(userPrincipalName === undefined ? {} : { userPrincipalName }),
  };
  return { id, name, givenName: name, objectId: aadObjectId, aadObjectId, ...addresses, tenantId, userRole };
}

export function answerTeam(core: Core, id: string): Json {
  const { team, tenantId, channels, users } = core.tenant;
  if (id !== team.id) throw refusal(404, 'TeamNotFound', 'Team not found.');
  return { ...team, tenantId, channelCount: channels.size, memberCount: users.size };
}

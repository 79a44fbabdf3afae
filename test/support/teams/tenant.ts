import type { TeamsOptions } from './server-types.js';
import type { TeamsChannel, TeamsMessage, TeamsTenant, TeamsUser } from './types.js';

const TENANT = '7f3f0c0e-5d3c-4b5a-9a51-0e3c6a1d2b4f';
const GENERAL = '19:general0000000000000000000000@thread.tacv2';
const APP = '2d1f6c1e-8a0b-4a3e-9c55-6f0b7d7a1e21';

/** A tenant with one team; its General channel is there without being named. */
export function createTenant(options: TeamsOptions): TeamsTenant {
  const tenantId = options.tenantId ?? TENANT;
  const appId = options.bot?.appId ?? APP;
  const team = {
    id: GENERAL,
    name: 'Data platform',
    aadGroupId: 'b6a9d2f0-1111-4222-8333-944445555666',
    ...options.team,
  };
  const bot = { id: `28:${appId}`, name: 'Countersign', appId, password: 'a-local-password', ...options.bot };
  const users = new Map<string, TeamsUser>();
  for (const user of options.users ?? []) users.set(user.id, asUser(user, tenantId));
  const channels = new Map<string, TeamsChannel>();
  for (const one of [{ id: team.id, name: 'General' }, ...(options.channels ?? [])]) {
    const {
      id,
      name,
      members = [...users.keys()],
      archived = false,
    } = one as Required<NonNullable<TeamsOptions['channels']>[number]>;
    channels.set(id, { id, name, team: team.id, members: new Set(members), archived });
  }
  const messages: TeamsMessage[] = [];
  const byId = new Map<string, TeamsMessage>();
  const tenant: TeamsTenant = {
    tenantId,
    team,
    bot,
    users,
    channels,
    messages,
    chats: new Map([...users.keys()].map((id) => [chatIdOf(id), id])),
    userByName(name) {
      const found = users.get(name) ?? [...users.values()].find((user) => user.name === name);
      if (found === undefined) throw new Error(`the simulated tenant has no "${name}"`);
      return found;
    },
    message(conversation, id) {
      const found = byId.get(id) ?? indexed(id);
      return found !== undefined && isIn(found, conversation) ? found : undefined;
    },
    thread: (channel, root) => messages.filter((one) => one.channel === channel && one.root === root),
    chatOf: (user) => messages.filter(({ conversation }) => conversation === chatIdOf(user)),
  };
  let seen = 0;
  const indexed = (id: string): TeamsMessage | undefined => {
    for (; seen < messages.length; seen++)
      byId.set((messages[seen] as TeamsMessage).id, messages[seen] as TeamsMessage);
    return byId.get(id);
  };
  return tenant;
}

function asUser(user: NonNullable<TeamsOptions['users']>[number], tenantId: string): TeamsUser {
  const hex = Buffer.from(user.id).toString('hex').padEnd(32, '0').slice(-32);
  const aadObjectId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { aadObjectId, tenantId, userRole: 'user', ...user };
}

/** Personal chats have opaque names. */
export function chatIdOf(user: string): string {
  return `a:${Buffer.from(user).toString('base64url')}`;
}

export function threadId(channel: string, root: string): string {
  return `${channel};messageid=${root}`;
}

/** The channel (or the personal chat) and the root that a conversation's name speaks of. */
export function placeOf(conversation: string): { base: string; root: string | undefined } {
  const [base = '', ...more] = conversation.split(';');
  const root = more.map((one) => /^messageid=(.+)$/.exec(one)?.[1]).find((one) => one !== undefined);
  return { base, root };
}

function isIn(message: TeamsMessage, conversation: string): boolean {
  const { base, root } = placeOf(conversation);
  return message.channel === base && (root === undefined || message.root === root);
}

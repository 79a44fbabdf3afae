import { refusal } from '../core.js';
import type { ApiMethod } from './method.js';
import { isMember, visibleChannel } from './method.js';

const authTest: ApiMethod = {
  tier: 'special',
  required: [],
  optional: [],
  run(core) {
    const { team, app, users } = core.workspace;
    return {
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: users.get(app.botUserId)?.name,
      team_id: team.id,
      user_id: app.botUserId,
      bot_id: app.botId,
      is_enterprise_install: false,
    };
  },
};

const teamInfo: ApiMethod = {
  tier: 3,
  scope: 'team:read',
  required: [],
  optional: ['team'],
  run: (core) => ({ team: { ...core.workspace.team } }),
};

const addReaction: ApiMethod = {
  tier: 3,
  scope: 'reactions:write',
  required: ['channel', 'name', 'timestamp'],
  optional: [],
  run(core, args) {
    const channel = visibleChannel(core, args.need('channel'));
    if (channel.isArchived) throw refusal('is_archived');
    if (!isMember(core, channel)) throw refusal('not_in_channel');
    const message = core.workspace.message(channel.id, args.need('timestamp'));
    if (message === undefined) throw refusal('message_not_found');
    const name = args.need('name');
    if (!/^[a-z0-9_+'-]+$/.test(name)) throw refusal('invalid_name');
    const bot = core.workspace.app.botUserId;
    const reactions = message.reactions ?? [];
    const there = reactions.find((reaction) => reaction.name === name);
    if (there?.users.includes(bot)) throw refusal('already_reacted');
    if (there === undefined) reactions.push({ name, users: [bot], count: 1 });
    else Object.assign(there, { users: [...there.users, bot], count: there.count + 1 });
    message.reactions = reactions;
    core.workspace.changed({ kind: 'message', channel: channel.id });
    return {};
  },
};

/** With the app-level token only. */
const connectionsOpen: ApiMethod = {
  tier: 3,
  token: 'app',
  required: [],
  optional: [],
  run(core) {
    if (!core.workspace.app.socketMode) throw refusal('socket_mode_disabled');
    const url = core.socketUrl();
    if (url === undefined) throw refusal('too_many_websockets');
    return { url };
  },
};

export const WORKSPACE_METHODS: Record<string, ApiMethod> = {
  'auth.test': authTest,
  'team.info': teamInfo,
  'reactions.add': addReaction,
  'apps.connections.open': connectionsOpen,
};

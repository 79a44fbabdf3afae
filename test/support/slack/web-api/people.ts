import type { Core } from '../core.js';
import { refusal } from '../core.js';
import type { SlackUser, SlackUserGroup } from '../types.js';
import type { ApiMethod } from './method.js';
import { pageOf } from './method.js';

const usersInfo: ApiMethod = {
  tier: 4,
  scope: 'users:read',
  required: ['user'],
  optional: ['include_locale'],
  run(core, args) {
    const user = core.workspace.users.get(args.need('user'));
    if (user === undefined) throw refusal('user_not_found');
    return { user: describeUser(core, user) };
  },
};

const lookupByEmail: ApiMethod = {
  tier: 3,
  scope: 'users:read.email',
  required: ['email'],
  optional: [],
  run(core, args) {
    const email = args.need('email').toLowerCase();
    const user = [...core.workspace.users.values()].find((one) => one.email?.toLowerCase() === email);
    if (user === undefined || user.deleted === true) throw refusal('users_not_found');
    return { user: describeUser(core, user) };
  },
};

const usersList: ApiMethod = {
  tier: 2,
  scope: 'users:read',
  required: [],
  optional: ['cursor', 'include_locale', 'limit', 'team_id'],
  run(core, args) {
    const { page, next } = pageOf([...core.workspace.users.values()], args.text('cursor'), args.limit(1000, 1000));
    return { members: page.map((user) => describeUser(core, user)), response_metadata: { next_cursor: next } };
  },
};

const groupsList: ApiMethod = {
  tier: 2,
  scope: 'usergroups:read',
  required: [],
  optional: ['include_count', 'include_disabled', 'include_users', 'team_id'],
  run(core, args) {
    const groups = [...core.workspace.groups.values()].filter(
      (group) => args.flag('include_disabled') || group.disabled !== true,
    );
    return {
      usergroups: groups.map((group) => ({
        ...describeGroup(core, group),
        ...(args.flag('include_users') ? { users: group.users } : {}),
        ...(args.flag('include_count') ? { user_count: group.users.length } : {}),
      })),
    };
  },
};

const groupMembers: ApiMethod = {
  tier: 2,
  scope: 'usergroups:read',
  required: ['usergroup'],
  optional: ['include_disabled', 'team_id'],
  run(core, args) {
    const group = core.workspace.groups.get(args.need('usergroup'));
    if (group === undefined || (group.disabled === true && !args.flag('include_disabled'))) {
      throw refusal('no_such_subteam');
    }
    return { users: group.users };
  },
};

export const PEOPLE_METHODS: Record<string, ApiMethod> = {
  'users.info': usersInfo,
  'users.lookupByEmail': lookupByEmail,
  'users.list': usersList,
  'usergroups.list': groupsList,
  'usergroups.users.list': groupMembers,
};

/** The e-mail is there only for apps that may read it. */
function describeUser(core: Core, user: SlackUser): Record<string, unknown> {
  const readable = core.workspace.app.scopes.includes('users:read.email') && user.email !== undefined;
  return {
    id: user.id,
    team_id: user.teamId ?? core.workspace.team.id,
    name: user.name,
    real_name: user.realName,
    deleted: user.deleted === true,
    is_bot: user.isBot === true,
    is_app_user: false,
    is_restricted: user.guest !== undefined,
    is_ultra_restricted: user.guest === 'one_channel',
    ...(user.isStranger === undefined ? {} : { is_stranger: user.isStranger }),
    is_email_confirmed: user.isEmailConfirmed ?? true,
    tz: 'Europe/Zurich',
    profile: {
      real_name: user.realName,
      display_name: user.name,
      ...(readable ? { email: user.email } : {}),
    },
  };
}

function describeGroup(core: Core, group: SlackUserGroup): Record<string, unknown> {
  return {
    id: group.id,
    team_id: core.workspace.team.id,
    is_usergroup: true,
    is_external: false,
    name: group.name,
    handle: group.handle,
    date_delete: group.disabled === true ? Math.floor(core.clock.now() / 1000) : 0,
  };
}

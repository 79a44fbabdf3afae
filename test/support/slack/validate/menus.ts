import type {
  ChannelsSelect,
  ConversationsSelect,
  ExternalSelect,
  MultiChannelsSelect,
  MultiConversationsSelect,
  MultiExternalSelect,
  MultiStaticSelect,
  MultiUsersSelect,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import { actionId, confirm, menuOption, optionGroup, optionsOrGroups, plainText } from './composition.js';
import { fault, type Rule } from './fault.js';
import { flag, integer, list, matching, may, object, oneOf, typed } from './rules.js';

const several = { max_selected_items: may(integer(1, 10_000)) };
const menu = {
  action_id: may(actionId),
  confirm: may(confirm),
  focus_on_load: may(flag),
  placeholder: may(plainText(150)),
};
const options = may(list(menuOption, 1, 100));
const option_groups = may(list(optionGroup, 1, 100));
const initial_options = may(list(menuOption, 1, 100));
const min_query_length = may(integer(0, 1000));
const someId = matching(/^[A-Z][A-Z0-9]+$/, 30);
const conversationFilter = may(
  object(
    {
      include: may(list(oneOf('im', 'mpim', 'private', 'public'), 1, 4)),
      exclude_external_shared_channels: may(flag),
      exclude_bot_users: may(flag),
    },
    (value, at, checking) => {
      if (Object.keys(value).length === 0) fault(checking, at, 'must provide at least 1 items');
    },
  ),
);

/** Menus: for one or several options of our own, of our server, of people or of channels. */
export const MENUS: Record<string, Rule> = {
  static_select: typed<StaticSelect>(
    'static_select',
    { ...menu, options, option_groups, initial_option: may(menuOption) },
    optionsOrGroups,
  ),
  multi_static_select: typed<MultiStaticSelect>(
    'multi_static_select',
    { ...menu, ...several, options, option_groups, initial_options },
    optionsOrGroups,
  ),
  external_select: typed<ExternalSelect>('external_select', {
    ...menu,
    initial_option: may(menuOption),
    min_query_length,
  }),
  multi_external_select: typed<MultiExternalSelect>('multi_external_select', {
    ...menu,
    ...several,
    initial_options,
    min_query_length,
  }),
  users_select: typed<UsersSelect>('users_select', { ...menu, initial_user: may(someId) }),
  multi_users_select: typed<MultiUsersSelect>('multi_users_select', {
    ...menu,
    ...several,
    initial_users: may(list(someId, 1, 100)),
  }),
  conversations_select: typed<ConversationsSelect>('conversations_select', {
    ...menu,
    initial_conversation: may(someId),
    default_to_current_conversation: may(flag),
    filter: conversationFilter,
    response_url_enabled: may(flag),
  }),
  multi_conversations_select: typed<MultiConversationsSelect>('multi_conversations_select', {
    ...menu,
    ...several,
    initial_conversations: may(list(someId, 1, 100)),
    default_to_current_conversation: may(flag),
    filter: conversationFilter,
  }),
  channels_select: typed<ChannelsSelect>('channels_select', {
    ...menu,
    initial_channel: may(someId),
    response_url_enabled: may(flag),
  }),
  multi_channels_select: typed<MultiChannelsSelect>('multi_channels_select', {
    ...menu,
    ...several,
    initial_channels: may(list(someId, 1, 100)),
  }),
};

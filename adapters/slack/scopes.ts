/** What a scope is for: the methods and events that need it, or the features of the manifest. */
export interface ScopeUse {
  methods?: readonly string[];
  events?: readonly string[];
  features?: readonly string[];
  /** Without it, in the words of `countersign doctor`. */
  without: string;
  /** Needed only where policy.yaml names a Slack user group. */
  forGroups?: true;
}

/** Every bot scope of the manifest; nothing is asked for that is not in this list, and nothing in it is not used. */
export const SCOPES: Readonly<Record<string, ScopeUse>> = {
  'chat:write': {
    methods: ['chat.postMessage', 'chat.update', 'chat.postEphemeral'],
    without: 'nothing can be shown',
  },
  'users:read': { methods: ['users.info'], without: 'nobody can be recognised' },
  'users:read.email': { methods: ['users.info'], without: 'nobody can be recognised' },
  'usergroups:read': {
    methods: ['usergroups.users.list'],
    forGroups: true,
    without: 'the members of user groups are not known, so they are nobody',
  },
  'channels:read': { methods: ['conversations.info'], without: 'doctor can not look at public channels' },
  'groups:read': { methods: ['conversations.info'], without: 'doctor can not look at private channels' },
  'channels:history': {
    methods: ['conversations.history', 'conversations.replies'],
    events: ['message.channels'],
    without: 'messages with a lost answer are not found again, and notes in threads are not seen (public channels)',
  },
  'groups:history': {
    methods: ['conversations.history', 'conversations.replies'],
    events: ['message.groups'],
    without: 'messages with a lost answer are not found again, and notes in threads are not seen (private channels)',
  },
  'app_mentions:read': { events: ['app_mention'], without: 'questions to @Countersign are not seen' },
  commands: {
    features: ['slash_commands', 'shortcuts'],
    without: 'neither /countersign nor "Investigate this alert" is there',
  },
};

/** Methods and events that need no scope of the bot. */
export const FREE = {
  methods: ['auth.test', 'views.open', 'views.push', 'views.update', 'views.publish', 'apps.connections.open'],
  events: ['app_home_opened'],
} as const;

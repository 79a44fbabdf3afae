/** The state of one simulated Teams tenant, in the words of Teams' own payloads. */

export interface TeamsUser {
  /** As the bot knows them: `29:…`. */
  id: string;
  name: string;
  aadObjectId: string;
  /** What the member APIs tell. A person whom the directory has no address of can not be named. */
  userPrincipalName?: string;
  email?: string;
  tenantId: string;
  /** `guest` is of another company, invited into this team. */
  userRole: 'user' | 'guest';
}

export interface TeamsChannel {
  /** `19:…@thread.tacv2`; the General channel's is the team's id. */
  id: string;
  name: string;
  team: string;
  /** Ids of the people in it. */
  members: Set<string>;
  archived: boolean;
}

/** A card is data to the server: `valid-card.ts` judges it, `rendering.ts` reads it. */
export type CardJson = { type: string } & Record<string, unknown>;

export interface TeamsMessage {
  /** The activity id; of a root also the `messageid` of its thread. */
  id: string;
  /** Where it stands: `<channel>;messageid=<root>`, or a personal chat's id. */
  conversation: string;
  channel: string;
  root: string;
  /** The bot's id or a person's. */
  from: string;
  text: string;
  summary: string | undefined;
  /** What everybody sees who has no view of their own. */
  card: CardJson | undefined;
  /** The activity as it was sent last. */
  activity: Record<string, unknown>;
  /** What one person sees instead, since their last click; the next edit takes it away. */
  views: Map<string, CardJson>;
  createdAt: number;
  editedAt: number | undefined;
  edits: number;
  deleted: boolean;
}

export interface TeamsTenant {
  tenantId: string;
  team: { id: string; name: string; aadGroupId: string };
  bot: { id: string; name: string; appId: string; password: string };
  users: Map<string, TeamsUser>;
  channels: Map<string, TeamsChannel>;
  /** In the order in which they came. */
  messages: TeamsMessage[];
  /** Personal chats that exist, by conversation id: whose they are. */
  chats: Map<string, string>;
  userByName(name: string): TeamsUser;
  message(conversation: string, id: string): TeamsMessage | undefined;
  /** Root first. */
  thread(channel: string, root: string): TeamsMessage[];
  /** The personal chat of this person and the bot. */
  chatOf(user: string): TeamsMessage[];
}

import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import type { BotAdapter, ConversationCalls, NewConversation } from './bot-adapter.js';
import { teamsError } from './errors.js';

/** One activity as we send it; `conversation` and `from` are added where it is sent. */
export type OutgoingActivity = { type: 'message' } & Record<string, unknown>;

export interface PostedRoot {
  /** `<channel>;messageid=<root>`: replies go there. */
  conversation: string;
  /** Activity id of the root. */
  message: string;
}

/** What the member APIs tell of one person; everything but `id` may be missing. Not checked: parse it. */
export type TeamsMember = { id: string } & Record<string, unknown>;

/**
 * The calls that we make to Teams. Each is made once, no retry inside; `signal` ends the wait, not what Teams does.
 * @throws AppError as `ChatPlatform` promises it.
 */
export interface TeamsConnector {
  /** A new root post in a channel. */
  post(channel: string, activity: OutgoingActivity, signal?: AbortSignal): Promise<PostedRoot>;
  /** Into a thread (`<channel>;messageid=<root>`) or a personal chat. @returns the activity id. */
  send(conversation: string, activity: OutgoingActivity, signal?: AbortSignal): Promise<string>;
  edit(conversation: string, message: string, activity: OutgoingActivity, signal?: AbortSignal): Promise<void>;
  /** Opens the personal chat with this person (`29:…`), who must have the app. @returns its conversation id. */
  openChat(user: string, signal?: AbortSignal): Promise<string>;
  /** One member of a conversation, by their `29:…` id. @throws AppError `not_found` when they are not in it. */
  member(conversation: string, user: string, signal?: AbortSignal): Promise<TeamsMember>;
  /** How many people are in a channel, up to 500, and whether there are more: a read, to see whether the app is there. */
  membersOf(channel: string, signal?: AbortSignal): Promise<{ count: number; more: boolean }>;
  /** Channels of a team by id; the General channel's name may be missing. */
  channelsOf(team: string, signal?: AbortSignal): Promise<Map<string, string | undefined>>;
  /** Asks for a new token and throws it away. @throws AppError `unauthenticated` with what is wrong. */
  login(signal?: AbortSignal): Promise<void>;
}

/** Where Teams is called now, and as whom. */
export interface CalledService {
  serviceUrl: string;
  botId: string;
  tenantId: string;
}

export interface TeamsConnectorDeps {
  bot: Pick<BotAdapter, 'inConversation' | 'newConversation' | 'read' | 'login'>;
  service: () => Promise<CalledService>;
}

/** Longer than Teams takes for a call that it answers at all. */
const TIMEOUT_MS = 10_000;
const MEMBERS_PAGE = 500;

const Id = z.string().min(1).max(1000);
const Member = z.looseObject({ id: Id });
const Page = z.object({ members: z.array(z.unknown()).max(5000), continuationToken: z.string().nullish() });
const Channels = z.object({
  conversations: z.array(z.object({ id: Id, name: z.string().max(500).nullish() })).max(5000),
});

/** The conversation id of a thread. */
export function threadOf(channel: string, root: string): string {
  return `${channel};messageid=${root}`;
}

/** The channel, and the root when it is a thread's; a personal chat has none. */
export function placeIn(conversation: string): { channel: string; root?: string } {
  const [channel = '', ...rest] = conversation.split(';');
  const root = rest.find((part) => part.startsWith('messageid='))?.slice('messageid='.length);
  return { channel, ...(root === undefined || root === '' ? {} : { root }) };
}

export function createTeamsConnector({ bot, service }: TeamsConnectorDeps): TeamsConnector {
  const called = async <T>(
    given: AbortSignal | undefined,
    call: (as: CalledService, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    try {
      return await call(await service(), given ?? AbortSignal.timeout(TIMEOUT_MS));
    } catch (thrown) {
      const error = teamsError(thrown);
      // A token that was taken back before its end would be sent until then.
      if (error.kind === 'unauthenticated' && thrown !== error) await bot.login().catch(() => undefined);
      throw error;
    }
  };
  const within = <T>(
    conversation: string,
    given: AbortSignal | undefined,
    call: (calls: ConversationCalls, signal: AbortSignal) => Promise<T>,
  ): Promise<T> =>
    called(given, (as, signal) => bot.inConversation({ ...as, conversation }, (calls) => call(calls, signal)));
  const create = (as: CalledService, more: Partial<NewConversation>, signal: AbortSignal) => {
    const base = { tenantId: as.tenantId, bot: { id: as.botId } };
    return bot.newConversation(as.serviceUrl, { isGroup: false, ...base, ...more }, signal);
  };
  return {
    post: (channel, activity, signal) =>
      called(signal, async (as, ends) => {
        const channelData = { channel: { id: channel }, tenant: { id: as.tenantId } };
        const first = { ...activity, from: { id: as.botId } };
        return rootIn(await create(as, { isGroup: true, channelData, activity: first }, ends), channel);
      }),
    send: (conversation, activity, signal) =>
      within(conversation, signal, async (calls, ends) => named(await calls.send(activity, ends))),
    edit: (conversation, message, activity, signal) =>
      within(conversation, signal, (calls, ends) => calls.edit(message, activity, ends)),
    openChat: (user, signal) =>
      called(signal, async (as, ends) => {
        const more = { members: [{ id: user }], channelData: { tenant: { id: as.tenantId } } };
        return named((await create(as, more, ends)).conversation);
      }),
    member: (conversation, user, signal) =>
      within(conversation, signal, async (calls, ends) => understood(Member, await calls.member(user, ends))),
    membersOf: (channel, signal) =>
      within(channel, signal, async (calls, ends) => {
        const page = understood(Page, await calls.members({ pageSize: MEMBERS_PAGE }, ends));
        return { count: page.members.length, more: (page.continuationToken ?? '') !== '' };
      }),
    channelsOf: (team, signal) =>
      called(signal, async ({ serviceUrl }, ends) => {
        const path = `v3/teams/${encodeURIComponent(team)}/conversations`;
        const { conversations } = understood(Channels, await bot.read(serviceUrl, path, ends));
        return new Map(conversations.map(({ id, name }) => [id, name ?? undefined]));
      }),
    login: (signal) => called(signal, (_, ends) => bot.login(ends)),
  };
}

/** The id of the conversation names the new message; the activity id, which some answers have instead, is the message itself. */
function rootIn(
  { conversation, activity }: Awaited<ReturnType<BotAdapter['newConversation']>>,
  channel: string,
): PostedRoot {
  const message = (conversation === undefined ? undefined : placeIn(conversation).root) ?? named(activity);
  return { conversation: threadOf(channel, message), message };
}

/** A 200 without the name of the message: it is there, and nobody can tell as what. */
function named(id: string | undefined): string {
  const known = Id.safeParse(id).data;
  if (known !== undefined) return known;
  throw new AppError('unavailable', { safeText: 'Teams did not say which message it made.' });
}

function understood<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AppError('unexpected_answer', {
    safeText: 'Teams answered a read in a form that Countersign does not know.',
  });
}

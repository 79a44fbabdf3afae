import { answerMembers, answerTeam } from './connector-reads.js';
import { asObject, type Core, isRefusal, type Json, refusal } from './core.js';
import type { Fault } from './faults.js';
import type { LimitedWhat } from './limits.js';
import type { ConnectorCall, RecordedCall } from './server-types.js';
import { chatIdOf, placeOf, threadId } from './tenant.js';
import type { CardJson, TeamsMessage } from './types.js';
import { faultsOf } from './valid-card.js';

/** 100 KB of UTF-16 is where Teams stops; 28 KB of UTF-8 where we do. */
const MOST_UTF16 = 100 * 1024;
const BUDGET = 28 * 1024;
const SLOW_MS = 5000;
const RETRY_AFTER = 5;
export const CARD = 'application/vnd.microsoft.card.adaptive';

export interface Called {
  method: string;
  /** Below the service URL, decoded. */
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  text: string;
  body: Json | undefined;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: unknown;
  cut: boolean;
}

interface Route {
  call: ConnectorCall;
  conversation: string;
  activity: string | undefined;
  answer(core: Core, called: Called): Reply;
}

const ROUTES: { method: string; path: RegExp; call: ConnectorCall }[] = [
  { method: 'POST', path: /^\/v3\/conversations$/, call: 'conversation.create' },
  { method: 'POST', path: /^\/v3\/conversations\/([^/]+)\/activities$/, call: 'activity.send' },
  { method: 'POST', path: /^\/v3\/conversations\/([^/]+)\/activities\/([^/]+)$/, call: 'activity.reply' },
  { method: 'PUT', path: /^\/v3\/conversations\/([^/]+)\/activities\/([^/]+)$/, call: 'activity.update' },
  { method: 'DELETE', path: /^\/v3\/conversations\/([^/]+)\/activities\/([^/]+)$/, call: 'activity.delete' },
  { method: 'GET', path: /^\/v3\/conversations\/([^/]+)\/members$/, call: 'members' },
  { method: 'GET', path: /^\/v3\/conversations\/([^/]+)\/members\/([^/]+)$/, call: 'member' },
  { method: 'GET', path: /^\/v3\/conversations\/([^/]+)\/pagedmembers$/, call: 'pagedmembers' },
  { method: 'GET', path: /^\/v3\/teams\/([^/]+)$/, call: 'team' },
  { method: 'GET', path: /^\/v3\/teams\/([^/]+)\/conversations$/, call: 'channels' },
];

/** One call of the connector: the token, the fault if one strikes, the limits, the work; recorded whatever happens. */
export async function answerCall(core: Core, called: Called): Promise<Reply> {
  const route = routeOf(called);
  const record: RecordedCall = {
    call: route?.call ?? 'unknown',
    method: called.method,
    path: called.path,
    conversation: route?.conversation,
    activity: route?.activity,
    body: called.body ?? {},
    bytes: Buffer.byteLength(called.text),
    at: core.clock.now(),
    status: 0,
  };
  core.record.push(record);
  const reply = await answerWith(core, called, route, record);
  record.status = reply.status;
  if (!reply.cut) record.answer = reply.body;
  return reply;
}

async function answerWith(core: Core, called: Called, route: Route | undefined, record: RecordedCall): Promise<Reply> {
  if (core.faults.isDown()) return no(503, 'ServiceUnavailable', 'The service is unavailable.');
  if (!core.login.isOurs(called.authorization)) return no(401, 'Unauthorized', 'Authorization has been denied.');
  if (route === undefined) return no(404, 'NotFound', 'There is no such resource.');
  const fault = core.faults.strike(route.call);
  if (fault !== undefined) record.fault = fault.kind;
  const early = fault && before(core, route, fault, called);
  if (early !== undefined) return early;
  const limited = limitedBy(core, route, called);
  if (limited !== undefined) return limited;
  const reply = worked(core, called, route);
  if (fault?.kind === 'slow') await core.clock.sleep(fault.slowMs ?? SLOW_MS, core.stopped);
  if (fault?.kind === 'reply_lost') return { ...reply, cut: true };
  if (fault?.kind === 'failed_after') return no(500, 'ServiceError', 'An error occurred.');
  if (fault?.kind === 'gateway_timeout') return no(504, 'GatewayTimeout', 'The request timed out.');
  return reply;
}

function routeOf(called: Called): Route | undefined {
  for (const { method, path, call } of ROUTES) {
    const found = method === called.method ? path.exec(called.path) : null;
    if (found === null) continue;
    const [, conversation = '', activity] = found.map((one) => (one === undefined ? one : decodeURIComponent(one)));
    return { call, conversation, activity, answer: ANSWERS[call] as Route['answer'] };
  }
  return undefined;
}

/** Nothing is done when one of these strikes. */
function before(core: Core, route: Route, fault: Fault, { body }: Called): Reply | undefined {
  switch (fault.kind) {
    case 'refused':
      return no(500, 'ServiceError', 'An error occurred.');
    case 'bad_gateway':
      return no(502, 'BadGateway', 'Bad gateway.');
    case 'precondition':
      return no(412, 'PreconditionFailed', 'Precondition failed, please try again.');
    case 'cut_before':
      return { status: 0, headers: {}, body: undefined, cut: true };
    case 'error':
      return no(fault.status ?? 400, fault.code ?? 'BadArgument', 'Refused.');
    case 'ratelimited': {
      const after = fault.retryAfterSeconds ?? RETRY_AFTER;
      if (after !== 'none') core.limits.closeFor(limitOf(route.call), countedAs(route, body), after);
      return tooMany(after);
    }
    default:
      return undefined;
  }
}

function limitOf(call: ConnectorCall): LimitedWhat {
  if (call === 'conversation.create') return 'create';
  return /^activity/.test(call) ? 'send' : 'members';
}

/** What Teams counts as one conversation is a channel with all its threads, or one personal chat. */
function countedAs({ call, conversation }: Route, body: Json | undefined): string {
  if (call !== 'conversation.create') return placeOf(conversation).base;
  const channel = asObject(asObject(body?.['channelData'])?.['channel'])?.['id'];
  return String(channel ?? JSON.stringify(body?.['members'] ?? ''));
}

function limitedBy(core: Core, route: Route, { body }: Called): Reply | undefined {
  if (core.options.limits === 'off') return undefined;
  const seconds = core.limits.take(limitOf(route.call), countedAs(route, body));
  return seconds === undefined ? undefined : tooMany(seconds);
}

function tooMany(seconds: number | 'none'): Reply {
  const reply = no(429, 'TooManyRequests', 'Too many requests.');
  return seconds === 'none' ? reply : { ...reply, headers: { 'retry-after': String(seconds) } };
}

function no(status: number, code: string, message: string): Reply {
  return { status, headers: {}, body: { error: { code, message } }, cut: false };
}

function worked(core: Core, called: Called, route: Route): Reply {
  try {
    if (called.method !== 'GET' && called.method !== 'DELETE' && called.body === undefined)
      throw refusal(400, 'BadSyntax', 'Could not parse the body.');
    return route.answer(core, called);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return no(error.status, error.code, error.message);
  }
}

const yes = (status: number, body: unknown): Reply => ({ status, headers: {}, body, cut: false });
const idsOf = (path: string): string[] => path.split('/').map(decodeURIComponent);

const ANSWERS: Partial<Record<ConnectorCall, Route['answer']>> = {
  'conversation.create': (core, { body = {} }) => yes(201, createConversation(core, body)),
  'activity.send': (core, { path, body = {} }) => yes(201, { id: send(core, idsOf(path)[3] ?? '', body) }),
  'activity.reply': (core, { path, body = {} }) => yes(201, { id: send(core, idsOf(path)[3] ?? '', body) }),
  'activity.update': (core, { path, body = {} }) => {
    const [, , , conversation = '', , activity = ''] = idsOf(path);
    update(core, ownMessage(core, conversation, activity), body);
    return yes(200, { id: activity });
  },
  'activity.delete': (core, { path }) => {
    const [, , , conversation = '', , activity = ''] = idsOf(path);
    ownMessage(core, conversation, activity).deleted = true;
    return yes(200, undefined);
  },
  members: (core, { path }) => yes(200, answerMembers(core, idsOf(path)[3] ?? '')),
  member: (core, { path }) => yes(200, answerMembers(core, idsOf(path)[3] ?? '', idsOf(path)[5])),
  pagedmembers: (core, { path, query }) => {
    const all = answerMembers(core, idsOf(path)[3] ?? '') as Json[];
    const from = Number(query.get('continuationToken') ?? 0);
    const to = from + Math.min(Number(query.get('pageSize') ?? 200), 500);
    const more = to < all.length ? { continuationToken: String(to) } : {};
    return yes(200, { members: all.slice(from, to), ...more });
  },
  team: (core, { path }) => yes(200, answerTeam(core, idsOf(path)[3] ?? '')),
  channels: (core, { path }) => {
    answerTeam(core, idsOf(path)[3] ?? '');
    const conversations = [...core.tenant.channels.values()].map(({ id, name }) =>
      id === core.tenant.team.id ? { id } : { id, name },
    );
    return yes(200, { conversations });
  },
};

/** A new root in a channel, or the personal chat with one person. */
function createConversation(core: Core, body: Json): Json {
  const channelData = asObject(body['channelData']);
  const channel = asObject(channelData?.['channel'])?.['id'];
  const activity = asObject(body['activity']);
  if (typeof channel === 'string') {
    if (body['isGroup'] !== true) throw refusal(400, 'BadArgument', 'A channel conversation is a group.');
    if (activity === undefined) throw refusal(400, 'BadSyntax', 'Activity is required.');
    const id = send(core, channel, activity);
    return { id: threadId(channel, id), activityId: id, serviceUrl: core.serviceUrl() };
  }
  const members = Array.isArray(body['members']) ? body['members'] : [];
  const user = core.tenant.users.get(String(asObject(members[0])?.['id'] ?? ''));
  if (user === undefined || members.length !== 1) throw refusal(400, 'BadArgument', 'Unknown member.');
  const tenant = body['tenantId'] ?? asObject(channelData?.['tenant'])?.['id'];
  if (tenant !== core.tenant.tenantId) throw refusal(403, 'Forbidden', 'The bot is not installed in that tenant.');
  mustBeInstalled(core, user.id);
  const id = chatIdOf(user.id);
  return { id, ...(activity === undefined ? {} : { activityId: send(core, id, activity) }) };
}

function mustBeInstalled(core: Core, user: string): void {
  if (core.options.installedFor?.includes(user) === false)
    throw refusal(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
}

/** @returns the new message's id. */
function send(core: Core, conversation: string, activity: Json): string {
  const { base, root } = placeOf(conversation);
  const person = core.tenant.chats.get(base);
  const channel = core.tenant.channels.get(base);
  if (person !== undefined) mustBeInstalled(core, person);
  else if (channel === undefined) throw refusal(404, 'ConversationNotFound', 'Conversation not found.');
  else if (channel.archived) throw refusal(403, 'Forbidden', 'The team is archived.');
  if (root !== undefined && core.tenant.message(base, root)?.root !== root)
    throw refusal(404, 'ConversationNotFound', 'There is no such thread.');
  const id = core.nextId();
  if (activity['type'] === 'typing') return id;
  judge(core, activity);
  const message: TeamsMessage = {
    id,
    conversation: channel === undefined ? base : threadId(base, root ?? id),
    channel: base,
    root: root ?? id,
    from: core.tenant.bot.id,
    ...shownOf(activity),
    views: new Map(),
    createdAt: core.clock.now(),
    editedAt: undefined,
    edits: 0,
    deleted: false,
  };
  core.tenant.messages.push(message);
  return id;
}

function update(core: Core, message: TeamsMessage, activity: Json): void {
  judge(core, activity);
  Object.assign(message, shownOf(activity));
  message.views.clear();
  message.editedAt = core.clock.now();
  message.edits += 1;
}

function ownMessage(core: Core, conversation: string, activity: string): TeamsMessage {
  const found = core.tenant.message(conversation, activity);
  if (found === undefined || found.deleted)
    throw refusal(404, 'ActivityNotFoundInConversation', 'Activity not found in the conversation.');
  if (found.from !== core.tenant.bot.id) throw refusal(403, 'Forbidden', 'Not the author of this message.');
  return found;
}

function shownOf(activity: Json): Pick<TeamsMessage, 'text' | 'summary' | 'card' | 'activity'> {
  const attachments = Array.isArray(activity['attachments']) ? (activity['attachments'] as Json[]) : [];
  const card = attachments.find(({ contentType }) => contentType === CARD)?.['content'] as CardJson | undefined;
  const summary = activity['summary'] as string | undefined;
  return { text: String(activity['text'] ?? ''), summary, card, activity: structuredClone(activity) };
}

/** What Teams refuses is refused; what it would show badly is a warning. */
function judge(core: Core, activity: Json): void {
  const text = JSON.stringify(activity);
  if (text.length * 2 > MOST_UTF16) throw refusal(413, 'MessageSizeTooBig', 'Message size too large.');
  if (activity['type'] !== 'message') throw refusal(400, 'BadArgument', 'Unknown activity type.');
  const attachments = Array.isArray(activity['attachments']) ? (activity['attachments'] as Json[]) : [];
  if (attachments.length === 0 && String(activity['text'] ?? '') === '')
    throw refusal(400, 'BadSyntax', 'Bot activities must have text or an attachment.');
  for (const { contentType, content } of attachments) {
    if (contentType !== CARD) throw refusal(400, 'BadArgument', 'Unknown attachment type.');
    if (asObject(content)?.['type'] !== 'AdaptiveCard')
      throw refusal(400, 'BadArgument', 'Unknown attachment content.');
    for (const fault of faultsOf(content)) core.warn(`a card of a message: ${fault}`);
  }
  if (attachments.length > 1) core.warn(`${attachments.length} cards in one message`);
  if (attachments.length > 0 && String(activity['summary'] ?? '') === '')
    core.warn('a card without a summary: its notification says "Sent a card"');
  const bytes = Buffer.byteLength(text);
  const budget = core.options.budget ?? BUDGET;
  if (bytes > budget) core.warn(`a message of ${bytes} bytes, ${budget} are our own limit`);
}

import { answerMembers, answerTeam } from './connector-reads.js';
import { createConversation, ownMessage, send, update } from './connector-writes.js';
import { asObject, type Core, isRefusal, type Json, refusal } from './core.js';
import type { ConnectorCall, Fault } from './faults.js';
import type { LimitedWhat } from './limits.js';
import type { RecordedCall } from './server-types.js';
import { placeOf } from './tenant.js';

const SLOW_MS = 5000;
const RETRY_AFTER = 5;

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

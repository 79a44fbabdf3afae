import type { Core } from './core.js';
import { isRefusal } from './core.js';
import type { Fault } from './faults.js';
import type { Limits, Tier } from './limits.js';
import type { RecordedCall } from './server-types.js';
import { CHAT_METHODS } from './web-api/chat.js';
import { CONVERSATION_METHODS } from './web-api/conversations.js';
import type { ApiMethod } from './web-api/method.js';
import { needScope, readArgs } from './web-api/method.js';
import { PEOPLE_METHODS } from './web-api/people.js';
import { VIEW_METHODS } from './web-api/views.js';
import { WORKSPACE_METHODS } from './web-api/workspace.js';

const METHODS: Record<string, ApiMethod> = {
  ...CHAT_METHODS,
  ...CONVERSATION_METHODS,
  ...PEOPLE_METHODS,
  ...VIEW_METHODS,
  ...WORKSPACE_METHODS,
};

/** The client of a Bolt listener sends the workspace with every call. */
const EVERYWHERE = ['token', 'team_id'];

export const tierOf = (method: string): Tier => METHODS[method]?.tier ?? 'special';

/** What goes back over the wire; `cut` closes the connection instead. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  cut: boolean;
}

export interface Call {
  method: string;
  raw: Record<string, unknown>;
  /** From the header or the form. */
  token: string | undefined;
}

/** One call from token to answer: token, fault, limit, scope, the method itself, and the fault of the way back. */
export async function answerCall(core: Core, limits: Limits, record: RecordedCall[], call: Call): Promise<Reply> {
  const { token: _, ...args } = call.raw;
  const recorded: RecordedCall = { method: call.method, args, at: core.clock.now(), status: 0 };
  record.push(recorded);
  const fault = core.faults.isDown() ? undefined : core.faults.strike(call.method);
  if (fault !== undefined) recorded.fault = fault.kind;
  const reply = core.faults.isDown() ? failed(503, 'service_unavailable') : await answered(core, limits, call, fault);
  recorded.status = reply.status;
  if (!reply.cut) recorded.answer = reply.body;
  return reply;
}

async function answered(core: Core, limits: Limits, call: Call, fault: Fault | undefined): Promise<Reply> {
  switch (fault?.kind) {
    case 'refused':
      return failed(500, 'internal_error');
    case 'cut_before':
      return { ...failed(500, 'cut'), cut: true };
    case 'ratelimited': {
      const seconds = fault.retryAfterSeconds ?? 30;
      limits.closeFor(call.method, readArgs(call.raw).text('channel'), seconds);
      return tooMany(core, seconds);
    }
    case 'error':
      return ok(core, { ok: false, error: fault.error ?? 'internal_error' });
    default:
  }
  const reply = await done(core, limits, call);
  switch (fault?.kind) {
    case 'reply_lost':
      return { ...reply, cut: true };
    case 'failed_after':
      return failed(500, 'internal_error');
    case 'slow':
      await core.clock.sleep(fault.slowMs ?? 5000, core.stopped);
      return reply;
    default:
      return reply;
  }
}

async function done(core: Core, limits: Limits, { method: name, raw, token }: Call): Promise<Reply> {
  const method = METHODS[name];
  if (method === undefined) return ok(core, { ok: false, error: 'unknown_method', req_method: name });
  const wrongToken = tokenError(core, method, token);
  if (wrongToken !== undefined) return ok(core, { ok: false, error: wrongToken });
  const args = readArgs(raw);
  if (core.options.limits !== 'off') {
    const seconds = limits.take(name, args.text('channel'));
    if (seconds !== undefined) return tooMany(core, seconds);
  }
  for (const given of Object.keys(raw)) {
    const known = EVERYWHERE.includes(given) || method.required.includes(given) || method.optional.includes(given);
    if (!known) core.warn(`${name}: unknown argument ${given}`);
  }
  try {
    if (method.scope !== undefined) needScope(core, method.scope);
    for (const required of method.required) args.need(required);
    return ok(core, { ok: true, ...(await method.run(core, args)) }, method.scope);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return ok(core, { ok: false, ...error.slack }, method.scope);
  }
}

function tokenError(core: Core, method: ApiMethod, token: string | undefined): string | undefined {
  const { app } = core.workspace;
  if (token === undefined || token === '') return 'not_authed';
  if (token !== app.token && token !== app.appToken) return 'invalid_auth';
  return token === (method.token === 'app' ? app.appToken : app.token) ? undefined : 'not_allowed_token_type';
}

function ok(core: Core, body: Record<string, unknown>, accepted = ''): Reply {
  const headers = { 'x-oauth-scopes': core.workspace.app.scopes.join(','), 'x-accepted-oauth-scopes': accepted };
  return { status: 200, headers, body, cut: false };
}

function failed(status: number, error: string): Reply {
  return { status, headers: {}, body: { ok: false, error }, cut: false };
}

function tooMany(core: Core, seconds: number): Reply {
  const inWall = core.options.retryAfterIn === 'wall' && core.clock.speed > 0;
  const given = inWall ? Math.max(1, Math.ceil(seconds / core.clock.speed)) : seconds;
  return {
    status: 429,
    headers: { 'retry-after': String(given) },
    body: { ok: false, error: 'ratelimited' },
    cut: false,
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClock } from '../slack/clock.js';
import { activityFrom } from './activities.js';
import { answerCall, type Reply } from './connector.js';
import { asObject, type Core, type Json, parseObject } from './core.js';
import { createFaults } from './faults.js';
import { createLimits } from './limits.js';
import { createLogin } from './login.js';
import { createPerson } from './person.js';
import { handOver, post, recorded } from './sender.js';
import type { TeamsOptions, TeamsServer } from './server-types.js';
import { createTenant } from './tenant.js';

const MAX_BODY = 4 * 1024 * 1024;
const SERVICE = '/teams';
const MESSAGE_MS = 15_000;

interface Parts {
  core: Core;
  warnings: string[];
  stop: AbortController;
  settled(): Promise<void>;
}

/** A Teams on loopback (connector, login, keys and the people's side) that takes nothing which Teams would not take. */
export async function startTeams(options: TeamsOptions = {}): Promise<TeamsServer> {
  let url = '';
  const parts = await createParts(options, () => url);
  const { core, warnings } = parts;
  const server = createServer((request, response) => {
    void handle(core, url, request, response).catch((error: unknown) => {
      warnings.push(`the simulated Teams failed: ${String(error)}`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { login, tenant } = core;
  return {
    url,
    serviceUrl: core.serviceUrl(),
    openIdMetadata: `${url}${login.openIdPath}`,
    loginUrl: `${url}${login.loginPath}`,
    scope: login.scope,
    clock: core.clock,
    tenant,
    faults: core.faults,
    limits: core.limits,
    record: core.record,
    deliveries: core.deliveries,
    warnings,
    strictWarnings() {
      if (warnings.length > 0) throw new Error(`Teams would frown at:\n${warnings.join('\n')}`);
    },
    person: (idOrName) => createPerson(core, tenant.userByName(idOrName)),
    setMessagingEndpoint(to) {
      core.endpoint = to;
    },
    tokenFor: (claims) => login.sign(core.serviceUrl(), claims),
    revokeTokens: () => login.revoke(),
    async deliver(activity, token) {
      const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const { status, text } = await core.track(post(core, activity, headers, MESSAGE_MS));
      return { status: status ?? 0, body: text };
    },
    activityFrom: (idOrName, more = {}) => activityFrom(core, tenant.userByName(idOrName), 'chat', more),
    async repeatLast() {
      const last = core.deliveries.at(-1);
      if (last === undefined) throw new Error('nothing was delivered yet');
      return deliver(core, last.activity);
    },
    install: (where) => install(core, where),
    settled: parts.settled,
    async close() {
      parts.stop.abort();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function createParts(options: TeamsOptions, base: () => string): Promise<Parts> {
  const clock = options.clock ?? createClock();
  const tenant = createTenant(options);
  const warnings: string[] = [];
  const stop = new AbortController();
  const busy = new Set<Promise<unknown>>();
  let last = 0;
  const core: Core = {
    tenant,
    clock,
    faults: createFaults(options.seed),
    limits: createLimits(clock),
    login: await createLogin(tenant.bot, tenant.tenantId),
    options,
    record: [],
    deliveries: [],
    serviceUrl: () => `${base()}${SERVICE}/`,
    endpoint: undefined,
    warn: (text) => warnings.push(text),
    track(work) {
      busy.add(work);
      const done = (): void => void busy.delete(work);
      work.then(done, done);
      return work;
    },
    nextId() {
      last = Math.max(Math.floor(clock.now()), last + 1);
      return String(last);
    },
    stopped: stop.signal,
  };
  const settled = async (): Promise<void> => {
    while (busy.size > 0) await Promise.allSettled([...busy]);
  };
  return { core, warnings, stop, settled };
}

async function handle(core: Core, base: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', base);
  const { login } = core;
  const text = await bodyOf(request);
  if (pathname.startsWith(`${SERVICE}/`)) {
    const path = pathname.slice(SERVICE.length).replace(/\/{2,}/g, '/');
    const method = request.method ?? 'GET';
    const { authorization } = request.headers;
    send(
      response,
      await answerCall(core, { method, path, query: searchParams, authorization, text, body: parseObject(text) }),
    );
  } else if (pathname === login.openIdPath) sendJson(response, 200, login.metadata(base));
  else if (pathname === login.keysPath) sendJson(response, 200, login.keys);
  else if (pathname === `${login.loginPath}/oauth2/v2.0/token` && request.method === 'POST')
    token(core, text, response);
  else sendJson(response, 404, { error: { code: 'NotFound', message: 'There is no such resource.' } });
}

function token(core: Core, text: string, response: ServerResponse): void {
  const fault = core.faults.strike('token');
  const struck = core.faults.isDown() || fault !== undefined;
  const { status, body } = struck
    ? { status: fault?.status ?? 503, body: { error: fault?.code ?? 'temporarily_unavailable' } }
    : core.login.token(new URLSearchParams(text));
  core.record.push({
    call: 'token',
    method: 'POST',
    path: core.login.loginPath,
    conversation: undefined,
    activity: undefined,
    // The secret stays out of what tests print.
    body: {},
    bytes: Buffer.byteLength(text),
    at: core.clock.now(),
    status,
    answer: { error: asObject(body)?.['error'] },
    ...(fault === undefined ? {} : { fault: fault.kind }),
  });
  sendJson(response, status, body);
}

async function deliver(core: Core, activity: Json): Promise<TeamsServer['deliveries'][number]> {
  const sent = await core.track(handOver(core, activity, MESSAGE_MS));
  return recorded(
    core,
    activity,
    sent,
    sent.outcome === 'ok' ? [] : [`${sent.outcome} ${sent.status ?? ''}`],
    sent.text,
  );
}

/** As when an admin adds the app: the bot is a new member of the team, or of a person's chat. */
async function install(core: Core, where: 'team' | { person: string }): Promise<void> {
  const { tenant } = core;
  const someone = [...tenant.users.values()][0];
  const user = where === 'team' ? someone : tenant.userByName(where.person);
  if (user === undefined) throw new Error('there is nobody to install the app');
  const spot = where === 'team' ? { channel: tenant.team.id, root: '0' } : 'chat';
  const membersAdded = [{ id: tenant.bot.id }];
  for (const more of [
    { type: 'installationUpdate', action: 'add' },
    { type: 'conversationUpdate', membersAdded },
  ]) {
    const activity = activityFrom(core, user, spot, more);
    const conversation = asObject(activity['conversation']) ?? {};
    // Of a team there is no thread yet.
    if (where === 'team') activity['conversation'] = { ...conversation, id: tenant.team.id };
    await deliver(core, activity);
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.cut) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
  response.end(reply.body === undefined ? undefined : JSON.stringify(reply.body));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, { status, headers: {}, body, cut: false });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) throw new Error('a body of more than 4 MB');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

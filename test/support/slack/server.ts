import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Reply } from './call.js';
import { answerCall, tierOf } from './call.js';
import { createClock } from './clock.js';
import type { Core } from './core.js';
import { createEventBus } from './events.js';
import { createFaults } from './faults.js';
import { jsonObject } from './json-object.js';
import type { Limits } from './limits.js';
import { createLimits } from './limits.js';
import type { SocketHub } from './parts.js';
import { createPerson } from './person.js';
import { createResponseUrls } from './response-urls.js';
import { createSender } from './sender.js';
import type { RecordedCall, SlackOptions, SlackServer } from './server-types.js';
import { createSocketHub } from './socket-mode.js';
import { createTriggers } from './triggers.js';
import { createWorkspace } from './workspace.js';

const MAX_BODY = 4 * 1024 * 1024;
const WORKSPACE_POSTS_PER_MINUTE = 300;

interface Parts {
  core: Core;
  limits: Limits;
  hub: SocketHub;
  record: RecordedCall[];
  warnings: string[];
  stop: AbortController;
  settled(): Promise<void>;
}

/** A Slack on loopback that takes nothing which Slack would not take. */
export async function startSlack(options: SlackOptions = {}): Promise<SlackServer> {
  let url = '';
  const parts = createParts(options, () => url);
  const { core, limits, hub, record, warnings } = parts;
  const server = createServer((request, response) => {
    void handle(parts, options, request, response).catch((error: unknown) => {
      warnings.push(`the simulated Slack failed: ${String(error)}`);
      response.writeHead(500).end();
    });
  });
  server.on('upgrade', (request, socket, head) => hub.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    apiUrl: `${url}/api/`,
    clock: core.clock,
    workspace: core.workspace,
    faults: core.faults,
    record,
    deliveries: core.deliveries,
    warnings,
    limits,
    strictWarnings() {
      if (warnings.length > 0) throw new Error(`Slack would frown at:\n${warnings.join('\n')}`);
    },
    person: (idOrName) => createPerson(core, core.workspace.userByName(idOrName)),
    setRequestUrl: (to) => setRequestUrl(core, to),
    repeatLastEvent: () => core.events.repeatLast(),
    settled: parts.settled,
    sockets: () => hub.count(),
    disconnectSockets: (how) => hub.disconnect(how),
    async close() {
      parts.stop.abort();
      hub.close();
      core.sender.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function createParts(options: SlackOptions, base: () => string): Parts {
  const clock = options.clock ?? createClock(options.speed);
  const workspace = createWorkspace(options, clock);
  const reactionMs = options.reactionMs ?? 3000;
  const faults = createFaults(options.seed);
  const hub = createSocketHub(workspace.app, clock, reactionMs);
  const warnings: string[] = [];
  const stop = new AbortController();
  const deliveries: Core['deliveries'] = [];
  const busy = new Set<Promise<unknown>>();
  const core: Core = {
    workspace,
    clock,
    faults,
    options,
    reactionMs,
    deliveries,
    stopped: stop.signal,
    triggers: createTriggers(clock, reactionMs),
    responseUrls: createResponseUrls(() => core, base),
    sender: createSender({ app: workspace.app, clock, faults, hub, deliveries, reactionMs }),
    events: createEventBus(() => core),
    warn: (text) => warnings.push(text),
    track(work) {
      busy.add(work);
      const done = (): void => void busy.delete(work);
      work.then(done, done);
      return work;
    },
    socketUrl() {
      const ticket = hub.ticket();
      return ticket === undefined
        ? undefined
        : `${base().replace('http', 'ws')}/link/?ticket=${ticket}&app_id=${workspace.app.id}`;
    },
  };
  const posts = options.workspacePostsPerMinute ?? WORKSPACE_POSTS_PER_MINUTE;
  const settled = async (): Promise<void> => {
    while (busy.size > 0) await Promise.allSettled([...busy]);
  };
  return { core, hub, warnings, stop, settled, record: [], limits: createLimits(clock, tierOf, posts) };
}

async function handle(
  parts: Parts,
  options: SlackOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (path.startsWith('/api/')) {
    const reply = await callOf(parts, request, path.slice('/api/'.length));
    send(response, reply);
  } else if (path.startsWith('/actions/') && request.method === 'POST') {
    const body = await bodyOf(request);
    const answer = parts.core.responseUrls.use(path, jsonObject(body));
    send(response, { ...answer, headers: {}, cut: false });
  } else if (options.page?.(request, response) !== true) response.writeHead(404).end();
}

/** Forms and JSON; the token stands in the header or in the form. */
async function callOf(parts: Parts, request: IncomingMessage, method: string): Promise<Reply> {
  const type = request.headers['content-type'] ?? '';
  const body = await bodyOf(request);
  const query = Object.fromEntries(new URL(request.url ?? '/', 'http://localhost').searchParams);
  const isJson = type.startsWith('application/json');
  const sent = isJson ? jsonObject(body) : Object.fromEntries(new URLSearchParams(body));
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (sent === undefined) {
    return { status: 200, headers: {}, body: { ok: false, error: 'invalid_json' }, cut: false };
  }
  if (isJson && !/charset/i.test(type)) parts.core.warn(`${method}: missing_charset`);
  const inForm = isJson ? undefined : (sent['token'] as string | undefined);
  const raw = { ...query, ...sent };
  return answerCall(parts.core, parts.limits, parts.record, { method, raw, token: bearer ?? inForm });
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.cut) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
  response.end(JSON.stringify(reply.body));
}

/** Slack asks the app to echo a challenge before it takes the URL. @throws when it does not. */
async function setRequestUrl(core: Core, to: string): Promise<void> {
  const { app } = core.workspace;
  const before = app.requestUrl;
  app.requestUrl = to;
  const challenge = crypto.randomUUID();
  const proof = JSON.stringify({ token: 'local-verification-token', challenge, type: 'url_verification' });
  const answer = await core.sender.post(proof, 'application/json');
  const echoed = answer.body.trim() === challenge || jsonObject(answer.body)?.['challenge'] === challenge;
  if (answer.outcome === 'ok' && echoed) return;
  if (before === undefined) delete app.requestUrl;
  else app.requestUrl = before;
  throw new Error(`${to} did not answer with the value of the challenge (${answer.status ?? answer.outcome})`);
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

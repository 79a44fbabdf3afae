import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SlackServer } from '../server-types.js';
import { renderFrame } from './frame.js';
import { Gesture, type Hands, perform } from './gestures.js';
import { createLive } from './live.js';
import { at, channelsOf, type Scene, worldOf } from './scene.js';
import { createWeather } from './weather.js';

export interface SlackPage {
  /** Answers what belongs to the page; false for anything else. Give it to `startSlack` as `page`. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** To be called with the server as soon as it is there. */
  attach(server: SlackServer): void;
  close(): void;
}

const CONTENT_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS = {
  'content-security-policy': CONTENT_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};
/** Own names only: a page elsewhere must not reach this one through a name of its own that leads here. */
const HOSTS = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
const BODY_LIMIT = 1_000_000;

/** The page on which people use the simulated Slack. It shows the state of the workspace and writes only through `person`. */
export function createSlackPage(): SlackPage {
  const assets = loadAssets();
  let hands: Hands | undefined;
  let live: ReturnType<typeof createLive> | undefined;
  return {
    attach(server) {
      hands = { server, weather: createWeather(server), read: new Map() };
      live = createLive(server);
    },
    close: () => live?.close(),
    handle(request, response) {
      const { pathname } = new URL(request.url ?? '/', 'http://local');
      if (pathname !== '/' && pathname !== '/ui' && !pathname.startsWith('/ui/')) return false;
      if (hands === undefined || live === undefined) return answer(response, 503, 'text/plain', 'Starting.');
      if (!HOSTS.test(request.headers.host ?? '')) return answer(response, 403, 'text/plain', 'Not under this name.');
      const asset = assets.files.get(pathname);
      if (asset !== undefined) return answer(response, 200, asset.type, asset.body);
      if (pathname === '/ui/live') return live.follow(request, response);
      if (request.method === 'POST') {
        void gesture(hands, pathname, request, response);
        return true;
      }
      return show(hands, pathname, response, assets);
    },
  };
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): true {
  response.writeHead(status, { ...HEADERS, 'content-type': type }).end(body);
  return true;
}

function redirect(response: ServerResponse, location: string): true {
  response.writeHead(303, { location }).end();
  return true;
}

function show(hands: Hands, pathname: string, response: ServerResponse, assets: Assets): true {
  const { server, weather, read } = hands;
  const { workspace } = server;
  const [, , user, kind, channelId, thread] = pathname.split('/').map(decodeURIComponent);
  const people = [...workspace.users.values()].filter(({ isBot }) => isBot !== true);
  const me = user === undefined ? undefined : people.find(({ id }) => id === user);
  if (me === undefined) {
    const first = people[0];
    if (first === undefined) return answer(response, 404, 'text/plain', 'Nobody is in this workspace.');
    const channel = channelsOf(workspace, first).find(({ members }) => members.has(first.id));
    return redirect(response, channel === undefined ? at.list(first.id) : at.channel(first.id, channel.id));
  }
  const channel = channelsOf(workspace, me).find(({ id }) => kind === 'c' && id === channelId);
  if (kind === 'c' && channel === undefined) return redirect(response, at.list(me.id));
  const scene: Scene = {
    workspace,
    me,
    place: kind === 'home' ? 'home' : channel === undefined ? 'list' : thread === undefined ? 'channel' : 'thread',
    ...(channel === undefined ? {} : { channel }),
    ...(channel === undefined || thread === undefined ? {} : { thread }),
    world: worldOf(workspace),
    read: read.get(me.id) ?? new Map(),
    now: server.clock.now(),
  };
  const html = renderFrame({ scene, weather: { server, weather }, assets });
  return answer(response, 200, 'text/html; charset=utf-8', html);
}

async function gesture(
  hands: Hands,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const user = pathname.split('/')[2] ?? '';
  // A page elsewhere can not send this type without asking first, and is not answered.
  if (request.headers['content-type'] !== 'application/json' || !hands.server.workspace.users.has(user)) {
    answer(response, 400, 'text/plain', 'Not understood.');
    return;
  }
  const parsed = Gesture.safeParse(await bodyOf(request));
  if (!parsed.success) {
    answer(response, 400, 'text/plain', 'Not understood.');
    return;
  }
  answer(response, 200, 'application/json', JSON.stringify(await perform(hands, user, parsed.data)));
}

/** Undefined for what is too long or no JSON. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_LIMIT) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

interface Assets {
  styles: string[];
  script: string;
  files: Map<string, { type: string; body: Buffer }>;
}

const STYLES = ['frame', 'panes', 'messages', 'composing', 'blocks', 'rows', 'controls', 'weather'].map(
  (name) => `${name}.css`,
);
const SCRIPTS = ['client.js', 'composer.js', 'fields.js', 'regions.js'];

function loadAssets(): Assets {
  const read = (name: string): Buffer => readFileSync(new URL(`./assets/${name}`, import.meta.url));
  const file = (name: string, type: string): [string, { type: string; body: Buffer }] => [
    `/ui/assets/${name}`,
    { type: `${type}; charset=utf-8`, body: read(name) },
  ];
  return {
    styles: STYLES.map((name) => `/ui/assets/${name}`),
    script: '/ui/assets/client.js',
    files: new Map([
      ...STYLES.map((name) => file(name, 'text/css')),
      ...SCRIPTS.map((name) => file(name, 'text/javascript')),
    ]),
  };
}

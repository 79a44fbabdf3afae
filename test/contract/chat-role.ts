import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import type { Thread } from '../../src/domain/card.js';
import type { ChatBackend } from '../../src/domain/ports.js';
import type { ChatCore } from '../support/chat-core.js';
import type { MemoryLog } from '../support/memory-log.js';
import { createClock, type SlackClock } from '../support/slack/clock.js';

export const PATIENCE_MS = 10_000;

/** A chat as the web role has it. */
interface Chatting {
  router: RequestHandler;
  show(thread: Thread): Promise<void>;
  run(backend: ChatBackend, signal: AbortSignal, replayed: Promise<void>): Promise<void>;
  settled(incident?: string): Promise<void>;
}

/** What the web role is to a chat: its side of it behind a server, following the log. */
export interface Served {
  core: ChatCore;
  chat: Chatting;
  url: string;
  port: number;
  /** The newest version that this side was told of, by incident. */
  shown: Map<string, number>;
  close(): Promise<void>;
}

export async function serveRole(
  core: ChatCore,
  port: number,
  /** Where the chat calls us, e.g. `/slack/events`. */
  endpoint: string,
  open: (shown: Map<string, number>) => Chatting,
): Promise<Served> {
  const shown = new Map<string, number>();
  const chat = open(shown);
  const stop = new AbortController();
  const server = createServer(
    express()
      .use(closing)
      .use(endpoint.slice(0, endpoint.lastIndexOf('/')), chat.router),
  );
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const bound = (server.address() as AddressInfo).port;
  const running = chat.run(core.backend, stop.signal, Promise.resolve());
  const following = core.follow(async (thread) => {
    await chat.show(thread);
    shown.set(thread.incident, thread.version);
  }, stop.signal);
  const url = `http://127.0.0.1:${bound}`;
  await until(
    async () => (await fetch(`${url}${endpoint}`, { method: 'POST' })).status !== 503,
    'the chat to be connected',
  );
  const close = async (): Promise<void> => {
    stop.abort();
    await Promise.all([running, following]);
    await closed(server);
  };
  return { core, chat, url, port: bound, shown, close };
}

/** What two chats of one test share. */
export interface Behind {
  log?: MemoryLog;
  clock?: JumpingClock;
}

export type JumpingClock = SlackClock & { jump(ms: number): void };

export function jumpingClock(speed: number): JumpingClock {
  const base = createClock(speed);
  let ahead = 0;
  return {
    ...base,
    now: () => base.now() + ahead,
    jump: (ms) => {
      ahead += ms;
    },
  };
}

/** No connection outlives its answer, so that a restart meets nobody half-way. */
const closing: RequestHandler = (_request, response, next) => {
  response.set('connection', 'close');
  next();
};

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}

export async function until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

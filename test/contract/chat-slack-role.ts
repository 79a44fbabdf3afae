import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import type { SlackChat } from '../../src/roles/slack-chat.js';
import type { ChatCore } from '../support/chat-core.js';

export const PATIENCE_MS = 10_000;

/** What the web role is to Slack: its side of Slack behind a server, following the log. */
export interface Served {
  core: ChatCore;
  chat: SlackChat;
  url: string;
  port: number;
  /** The newest version that Slack's side was told of, by incident. */
  shown: Map<string, number>;
  close(): Promise<void>;
}

export async function serveRole(
  core: ChatCore,
  port: number,
  open: (shown: Map<string, number>) => SlackChat,
): Promise<Served> {
  const shown = new Map<string, number>();
  const chat = open(shown);
  const stop = new AbortController();
  const server = createServer(express().use(closing).use('/slack', chat.router));
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const bound = (server.address() as AddressInfo).port;
  const running = chat.run(core.backend, stop.signal, Promise.resolve());
  const following = core.follow(async (thread) => {
    await chat.show(thread);
    shown.set(thread.incident, thread.version);
  }, stop.signal);
  const url = `http://127.0.0.1:${bound}`;
  await until(
    async () => (await fetch(`${url}/slack/events`, { method: 'POST' })).status !== 503,
    'Slack to be connected',
  );
  const close = async (): Promise<void> => {
    stop.abort();
    await Promise.all([running, following]);
    await closed(server);
  };
  return { core, chat, url, port: bound, shown, close };
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

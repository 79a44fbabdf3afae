import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { createOnceStore } from '../../adapters/redis/once-store.js';
import { createSlackApp, type SlackApp } from '../../adapters/slack/app.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import { createSlackIdentity } from '../../adapters/slack/identity.js';
import { ChatJob } from '../../adapters/slack/inbound/job.js';
import { createChatInbox } from '../../queues/chat-inbox.js';
import { createChatWorker } from '../../queues/chat-worker.js';
import type { ChatBackend } from '../../src/domain/ports.js';
import { createProcessLog } from '../../src/log.js';
import type { TestRedis } from './redis.js';
import type { SlackServer } from './slack/server-types.js';

interface WebRoleOptions {
  slack: SlackServer;
  redis: TestRedis;
  backend: ChatBackend;
  roots: Map<string, string>;
  lines: string[];
  mode: 'http' | 'socket';
}

interface WebRole {
  app(): SlackApp;
  start(options?: { work?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** The inbound half of the web role, as its composition root puts it together, with the rights of its Redis user. */
export function createWebRole({ slack, redis, backend, roots, lines, mode }: WebRoleOptions): WebRole {
  let app: SlackApp | undefined;
  let server: Server | undefined;
  let port = 0;
  let ends: (() => Promise<void>)[] = [];
  const sink = { write: (line: string) => void lines.push(line) } as unknown as NodeJS.WritableStream;
  return {
    app: () => app as SlackApp,
    async start({ work = true } = {}) {
      const processLog = createProcessLog('web', 'info', sink);
      const connection: Redis = await connectRedis(redis.urlFor('web'), { name: 'web', use: 'commands' });
      connection.on('error', () => undefined);
      const inbox = createChatInbox<ChatJob>({ queue: 'chat', redisUrl: redis.urlFor('web'), processLog });
      const { app: known, team } = slack.workspace;
      const client = createSlackClient({ token: known.token, apiUrl: slack.apiUrl });
      const clock = { now: () => new Date() };
      const made = createSlackApp({
        backend,
        client,
        identity: createSlackIdentity({ client, clock, team: team.id }),
        inbox,
        once: createOnceStore(connection),
        store: { incidentAt: async (channel, root) => roots.get(`${channel}/${root}`) },
        ...(mode === 'socket' ? { appToken: known.appToken } : { signingSecret: known.signingSecret }),
        apiUrl: slack.apiUrl,
        bot: { botId: known.botId, botUserId: known.botUserId, teamId: team.id, appId: known.id },
        clock,
        processLog,
        maxGrant: () => 5,
      });
      app = made;
      const worker = work
        ? await createChatWorker({
            queue: 'chat',
            redisUrl: redis.urlFor('web'),
            schema: ChatJob,
            concurrency: 8,
            processLog,
            handle: (job) => made.handle(job),
            onGivenUp: (job, error) => made.givenUp(job, error),
          })
        : undefined;
      if (made.router !== undefined) {
        server = createServer(express().use('/slack', made.router).use(express.json()));
        await new Promise<void>((done) => server?.listen(port, '127.0.0.1', done));
        port = (server.address() as AddressInfo).port;
        await slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
      }
      await made.start();
      ends = [
        async () => void (await made.stop()),
        async () => void (await worker?.close(2000)),
        async () => void (await inbox.close()),
        async () => connection.disconnect(),
      ];
    },
    async stop() {
      server?.closeAllConnections();
      await new Promise<void>((done) => (server === undefined ? done() : server.close(() => done())));
      server = undefined;
      for (const end of ends) await end();
      ends = [];
    },
  };
}

import { createServer, type Server } from 'node:http';
import express from 'express';
import { chooseAccess } from '../../adapters/web/access.js';
import { createWebPage } from '../../adapters/web/page.js';
import type { NewEvent } from '../../src/domain/events.js';
import type { Policy } from '../../src/domain/policy.js';
import type { Clock } from '../../src/domain/ports.js';
import { createProcessLog } from '../../src/log.js';
import { type ChatCore, createChatCore } from '../support/chat-core.js';
import { createMemoryLog, type MemoryLog } from '../support/memory-log.js';
import { INCIDENT, OBSERVATIONS, POLICY, START } from './sample-story.js';

/** The page over the real gate, the real board and a log in memory: everything but Redis and the other processes. */
export interface House {
  url: string;
  core: ChatCore;
  log: MemoryLog;
  /** Writes events of one incident, as another process would. */
  tell(events: readonly NewEvent[], incident?: string): Promise<void>;
  clock: Clock & { at: string };
  close(): Promise<void>;
}

export interface HouseOptions {
  policy?: Policy;
  people?: readonly string[];
  tokens?: Record<string, string>;
  /** Serves on this port, so that a page can meet the house again after a restart. */
  port?: number;
  log?: MemoryLog;
}

export const PEOPLE = ['ana@example.com', 'ben@example.com', 'chen@example.com', 'intern@example.com'];

export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const clock = { at: START, now: () => new Date(clock.at) };
  const log = options.log ?? createMemoryLog(clock);
  const core = createChatCore({ log, clock, policy: options.policy ?? POLICY });
  for (const text of Object.values(OBSERVATIONS)) await core.observations.put(text);
  const page = createWebPage({
    backend: core.backend,
    clock,
    processLog: createProcessLog('test', 'silent'),
    access: chooseAccess({ host: '127.0.0.1', tokens: options.tokens, people: options.people ?? PEOPLE }),
    cookieSecret: 'a cookie secret for tests, long enough',
    allowedHosts: ['127.0.0.1', 'localhost'],
    secure: false,
  });
  const stop = new AbortController();
  const following = core.follow((thread) => page.show(thread), stop.signal);
  const server = await listen(express().use(page.router), options.port ?? 0);
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    core,
    log,
    clock,
    async tell(events, incident = INCIDENT) {
      for (const event of events) {
        if (event.at !== undefined) clock.at = event.at;
        await core.tell(incident, [event]);
      }
    },
    async close() {
      stop.abort();
      await following;
      page.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function listen(app: express.Express, port: number): Promise<Server> {
  const server = createServer(app);
  return new Promise((done) => server.listen(port, '127.0.0.1', () => done(server)));
}

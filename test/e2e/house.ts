import { createServer, type Server } from 'node:http';
import express from 'express';
import { chooseAccess } from '../../adapters/web/access.js';
import { createWebPage } from '../../adapters/web/page.js';
import { createGate } from '../../src/approve/gate.js';
import { createSigner, generateDecisionKey } from '../../src/approve/seal.js';
import type { NewEvent } from '../../src/domain/events.js';
import { transact } from '../../src/domain/ledger.js';
import { Inventory } from '../../src/domain/pipeline.js';
import type { Policy } from '../../src/domain/policy.js';
import type { Clock } from '../../src/domain/ports.js';
import { createIntake } from '../../src/intake/intake.js';
import { createOpenIncidents } from '../../src/intake/open-incidents.js';
import { createProcessLog } from '../../src/log.js';
import { createChatBackend } from '../../src/roles/chat-backend.js';
import { createIncidentBoard } from '../../src/views/board.js';
import { createMemoryLog, createMemoryObservations, createMemoryOnce, type MemoryLog } from '../support/memory-log.js';
import { INCIDENT, OBSERVATIONS, POLICY, START } from './sample-story.js';

/** The page over the real gate, the real board and a log in memory: everything but Redis and the other processes. */
export interface House {
  url: string;
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
  const policy = options.policy ?? POLICY;
  const clock = { at: START, now: () => new Date(clock.at) };
  const log = options.log ?? createMemoryLog(clock);
  const board = createIncidentBoard();
  const observations = createMemoryObservations();
  for (const text of Object.values(OBSERVATIONS)) await observations.put(text);
  const key = generateDecisionKey();
  const redactor = { redact: (text: string) => ({ text, count: 0 }) };
  const inventory = Inventory.parse({ pipelines: [] });
  const gate = createGate({
    log,
    once: createMemoryOnce(),
    policy: () => ({ policy, digest: '0'.repeat(64) }),
    signer: createSigner(key.privateKeyPem),
    redactor,
    clock,
    inventory,
  });
  const intake = createIntake({
    log,
    open: createOpenIncidents(),
    inventory,
    redactor,
    clock,
    processLog: createProcessLog('test', 'silent'),
  });
  const backend = createChatBackend({
    log,
    board,
    gate,
    intake,
    observations,
    policy: () => ({ policy }),
    redactor,
    clock,
    logState: async () => ({
      entries: await log.size(),
      sealed: await log.size(),
      sealedAt: clock.at,
      root: 'mE3nXsC0n8Yv7Yx3kB1b5lZp0v0eR3d6oX2u1J4h9bQ=',
      origin: 'countersign.example/log',
      publicKey: 'countersign.example/log+1f2e3d4c+AZa9w0Xo3rJq7Vb1gkq2mN4m0Xw8bR5tY6uI7oP8aS9d',
    }),
  });
  const page = createWebPage({
    backend,
    clock,
    processLog: createProcessLog('test', 'silent'),
    access: chooseAccess({ host: '127.0.0.1', tokens: options.tokens, people: options.people ?? PEOPLE }),
    cookieSecret: 'a cookie secret for tests, long enough',
    allowedHosts: ['127.0.0.1', 'localhost'],
    secure: false,
  });
  const stop = new AbortController();
  const following = log.follow(
    0,
    async (entries) => {
      for (const id of board.apply(entries)) {
        const thread = await backend.thread(id);
        if (thread !== undefined) await page.show(thread);
      }
    },
    stop.signal,
  );
  const server = await listen(express().use(page.router), options.port ?? 0);
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    clock,
    async tell(events, incident = INCIDENT) {
      for (const event of events) {
        if (event.at !== undefined) clock.at = event.at;
        await transact(log, incident, () => ({ events: [event], result: undefined }));
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

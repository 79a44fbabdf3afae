import { createGate, type Gate } from '../../src/approve/gate.js';
import { createSigner } from '../../src/approve/seal.js';
import type { Thread } from '../../src/domain/card.js';
import type { NewEvent } from '../../src/domain/events.js';
import { transact } from '../../src/domain/ledger.js';
import { Inventory } from '../../src/domain/pipeline.js';
import type { Policy } from '../../src/domain/policy.js';
import type { ChatBackend, Clock, ObservationStore } from '../../src/domain/ports.js';
import { createIntake } from '../../src/intake/intake.js';
import { createOpenIncidents } from '../../src/intake/open-incidents.js';
import { createProcessLog } from '../../src/log.js';
import { createChatBackend } from '../../src/roles/chat-backend.js';
import { createIncidentBoard } from '../../src/views/board.js';
import { TEST_KEY } from './incidents.js';
import { createMemoryObservations, createMemoryOnce, type MemoryLog } from './memory-log.js';

/** What a chat is put in front of: the real gate, board, intake and backend over a log in memory. No Redis, no other processes. */
export interface ChatCore {
  log: MemoryLog;
  clock: Clock;
  /** What the policy says now; a test may change it at any time. */
  policy: Policy;
  observations: ObservationStore;
  gate: Gate;
  backend: ChatBackend;
  /** Appends events of one incident, as the other roles would. */
  tell(incident: string, events: readonly NewEvent[]): Promise<void>;
  /** Ends what is out of time, as the web role does now and then. */
  expire(): Promise<void>;
  /** Follows the log from its beginning and shows each thread that changed, until the signal aborts. */
  follow(show: (thread: Thread) => Promise<void>, signal: AbortSignal): Promise<void>;
}

export interface ChatCoreOptions {
  log: MemoryLog;
  clock: Clock;
  policy: Policy;
  /** Kept over a restart, as they are in Redis. */
  observations?: ObservationStore;
}

export function createChatCore({ log, clock, policy, observations: kept }: ChatCoreOptions): ChatCore {
  const board = createIncidentBoard();
  const observations = kept ?? createMemoryObservations();
  const inventory = Inventory.parse({ pipelines: [] });
  const redactor = { redact: (text: string) => ({ text, count: 0 }) };
  const open = createOpenIncidents();
  const processLog = createProcessLog('test', 'silent');
  const now = (): { policy: Policy; digest: string } => ({ policy: core.policy, digest: '0'.repeat(64) });
  const signer = createSigner(TEST_KEY.privateKeyPem);
  const gate = createGate({ log, once: createMemoryOnce(), policy: now, signer, redactor, clock, inventory });
  const core: ChatCore = {
    log,
    clock,
    policy,
    observations,
    gate,
    backend: createChatBackend({
      log,
      board,
      gate,
      intake: createIntake({ log, open, inventory, redactor, clock, processLog }),
      observations,
      policy: now,
      votes: signer,
      redactor,
      clock,
      logState: async () => ({
        entries: await log.size(),
        sealed: await log.size(),
        sealedAt: clock.now().toISOString(),
        root: 'mE3nXsC0n8Yv7Yx3kB1b5lZp0v0eR3d6oX2u1J4h9bQ=',
        origin: 'countersign.example/log',
        publicKey: 'countersign.example/log+1f2e3d4c+AZa9w0Xo3rJq7Vb1gkq2mN4m0Xw8bR5tY6uI7oP8aS9d',
      }),
    }),
    async tell(incident, events) {
      for (const event of events) await transact(log, incident, () => ({ events: [event], result: undefined }));
    },
    async expire() {
      await gate.expireDue(board.list().flatMap(({ incident }) => board.get(incident) ?? []));
    },
    follow: (show, signal) =>
      log.follow(
        0,
        async (entries) => {
          open.apply(entries);
          for (const id of board.apply(entries)) {
            const thread = await core.backend.thread(id);
            if (thread !== undefined) await show(thread);
          }
        },
        signal,
      ),
  };
  return core;
}

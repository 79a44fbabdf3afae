import { createGate, type Gate, type GateDeps } from '../../src/approve/gate.js';
import { createSigner } from '../../src/approve/seal.js';
import type { Click, Person } from '../../src/domain/decision.js';
import type { EventOf, EventType } from '../../src/domain/events.js';
import type { Policy } from '../../src/domain/policy.js';
import type { ProposalStep } from '../../src/domain/proposal.js';
import {
  INCREASE,
  openWithProposal,
  type ProposalOptions,
  TEST_KEY,
  testPolicy,
  testRedactor,
  testStep,
} from './incidents.js';
import { createManualClock, createMemoryLog, createMemoryOnce, type MemoryLog } from './memory-log.js';

export const ana: Person = { id: 'ana@example.com', via: 'web' };
export const ben: Person = { id: 'ben@example.com', via: 'slack' };
export const cleo: Person = { id: 'cleo@example.com', via: 'web' };
export const stranger: Person = { id: 'zed@example.com', via: 'web' };

/** A step that the form can change: it knows the value of now. */
const EDITABLE: ProposalStep = testStep(INCREASE, {
  preconditions: [
    {
      fact: 'config.value',
      target: 'feature_export.memory_gi',
      op: 'equals',
      value: '8',
      text: 'It is 8 now',
      withinSeconds: 0,
    },
  ],
});

/** A gate over a log in memory; each test makes its own. */
export interface GateCase {
  clock: ReturnType<typeof createManualClock>;
  log: MemoryLog;
  /** What the policy says now; a test may change it at any time. */
  policy: Policy;
  gate: Gate;
  /** Another process: same log, no memory of earlier answers. */
  newGate(): Gate;
  /** Opens INC-1 with a proposal that waits; answers with what a click on its card carries. */
  opened(
    more?: Partial<ProposalOptions> & { openedBy?: string },
  ): Promise<{ card: Pick<Click, 'incident' | 'shownDigest'> }>;
  events<T extends EventType>(incident: string, type: T): Promise<EventOf<T>['data'][]>;
}

export function createGateCase(more: Pick<GateDeps, 'lineage'> = {}): GateCase {
  const clock = createManualClock();
  const log = createMemoryLog(clock);
  const newGate = (): Gate =>
    createGate({
      log,
      once: createMemoryOnce(),
      policy: () => ({ policy: one.policy, digest: 'p'.repeat(64) }),
      signer: createSigner(TEST_KEY.privateKeyPem),
      redactor: testRedactor,
      clock,
      inventory: { pipelines: [], configTargets: [], metrics: [] },
      ...more,
    });
  const one: GateCase = {
    clock,
    log,
    policy: testPolicy(),
    gate: newGate(),
    newGate,
    async opened(more = {}) {
      const { incident, digest } = await openWithProposal(log, { incident: 'INC-1', steps: [EDITABLE], ...more });
      return { card: { incident, shownDigest: digest } };
    },
    async events(incident, type) {
      const stored = await log.read(incident);
      return stored.flatMap(({ entry }) => (entry.type === type ? [entry.data as EventOf<typeof type>['data']] : []));
    },
  };
  return one;
}

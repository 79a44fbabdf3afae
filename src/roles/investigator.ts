import { createOpenAiReasoner } from '../../adapters/models/openai.js';
import { readPrices } from '../../adapters/models/prices.js';
import { createRedactor } from '../../adapters/redaction/redactor.js';
import { createLineageStore } from '../../adapters/redis/lineage-store.js';
import { createObservationStore } from '../../adapters/redis/observations.js';
import { createSpendingLedger } from '../../adapters/redis/spending.js';
import { createInvestigateWorker } from '../../queues/investigate-worker.js';
import { createOutboxRelay } from '../../queues/outbox-relay.js';
import { createToolCatalog } from '../../tools/registry.js';
import { type InvestigatorConfig, readConfig } from '../config.js';
import { nextQuestionJobs } from '../domain/ask.js';
import type { Incident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { Clock, EventLog } from '../domain/ports.js';
import { scoreRisk } from '../domain/risk.js';
import { createFollowUp, giveUpQuestion } from '../investigate/follow-up.js';
import { createInvestigation, type InvestigationDeps } from '../investigate/investigation.js';
import { createPlaybookReasoner } from '../investigate/playbook/reasoner.js';
import { createProcessLog } from '../log.js';
import { CONNECTED, connectLog, type LogConnection, lookAtLog } from './log-connection.js';
import { platformChecks } from './platform-checks.js';
import { createPlatformClients } from './platform-clients.js';
import { createPlatformReaders } from './platform-readers.js';
import { rightsChecks } from './rights-check.js';
import { type DoctorLine, examined, type RoleMain, runAsProgram } from './role-process.js';
import { inventoryText, readInventory, watchPolicy } from './rules-files.js';
import { createSettling } from './settled.js';
import { systemTime } from './system-time.js';

const ROLE = 'investigator';
const CLOSE_WITHIN_MS = 8000;
/** Who writes what was given up on. */
const QUEUE = { kind: 'system' as const, id: 'queue', role: ROLE };

/** The role with the model and the read credentials: it investigates, proposes and answers questions, and can change nothing. */
export function createInvestigator(config: InvestigatorConfig = readConfig(ROLE)): RoleMain {
  const processLog = createProcessLog(ROLE, config.COUNTERSIGN_LOG_LEVEL);
  return {
    role: ROLE,
    async run(signal, ready) {
      const connection = await connectLog(ROLE, config, processLog);
      // A user without the right to read lineage is found now, and not at the end of an investigation.
      await createLineageStore(connection.redis).all();
      const deps = investigationDeps(config, connection, processLog);
      const investigation = createInvestigation(deps);
      const followUp = createFollowUp(deps);
      const common = { redisUrl: config.REDIS_URL, processLog };
      const worker = await createInvestigateWorker({
        ...common,
        concurrency: config.COUNTERSIGN_CONCURRENCY,
        handle: ({ incident, question }, aborted) =>
          question === undefined ? investigation.run(incident, aborted) : followUp.answer(incident, question, aborted),
        onGivenUp: ({ incident, question }) =>
          question === undefined
            ? handOver(connection.log, incident)
            : giveUpQuestion(connection.log, incident, question, QUEUE),
      });
      const relay = await createOutboxRelay({ ...common, queues: ['investigate'] });
      ready();
      await aborted(signal);
      await relay.close();
      await worker.close(CLOSE_WITHIN_MS);
      connection.close();
    },
    doctor: () => examine(config),
  };
}

function investigationDeps(
  config: InvestigatorConfig,
  connection: LogConnection,
  processLog: InvestigationDeps['processLog'],
): InvestigationDeps {
  const readers = createPlatformReaders(config, createPlatformClients(config));
  const inventory = readInventory(config.COUNTERSIGN_INVENTORY);
  const { policy } = watchPolicy(config.COUNTERSIGN_POLICY)();
  const redactor = createRedactor({ secret: config.COUNTERSIGN_REDACTION_KEY });
  const { clock } = systemTime;
  const playbook = createPlaybookReasoner(config.COUNTERSIGN_PLAYBOOK_DIR);
  return {
    log: connection.log,
    observations: createObservationStore(connection.redis),
    catalogFor: (incident: Incident) =>
      createToolCatalog({ readers, inventory, policy, redactor, scope: incident.id, now: timeOf(incident, clock) }),
    reasoner: config.COUNTERSIGN_REASONER === 'playbook' ? playbook : openAi(config),
    fallback: playbook,
    policy,
    inventory,
    scoreRisk,
    sightings: createLineageStore(connection.redis).all,
    spending: createSpendingLedger(connection.redis),
    untilSettled: createSettling(readers.airflow),
    clock,
    processLog,
  };
}

const REPLAY_AFTER_MS = 24 * 3600_000;

/**
 * The time the tools count ages and windows from: now. An alert that began more than a day before it arrived is being replayed
 * (a recorded payload, the simulated platform); its time runs on from the alert, or `since 24h` would look at the wrong day.
 */
function timeOf(incident: Incident, clock: Clock): () => Date {
  const lag = Date.parse(incident.openedAt) - Date.parse(incident.alert.startedAt);
  return lag <= REPLAY_AFTER_MS ? clock.now : () => new Date(clock.now().getTime() - lag);
}

function openAi(config: InvestigatorConfig): InvestigationDeps['reasoner'] {
  return createOpenAiReasoner({
    baseUrl: config.OPENAI_BASE_URL,
    apiKey: config.OPENAI_API_KEY ?? '',
    model: config.OPENAI_MODEL ?? '',
    prices: readPrices(config.COUNTERSIGN_PRICES),
  });
}

/** The queue gave the job up: a person takes over, with whatever trace there is. */
async function handOver(log: EventLog, id: string): Promise<void> {
  await transact(log, id, (incident) => {
    if (incident?.status !== 'investigating') return { events: [], result: undefined };
    const data = {
      reason: 'The investigation failed again and again inside Countersign; see the process log.',
      to: incident.owner ?? 'on-call',
      partial: true,
    };
    return {
      events: [{ type: 'incident.escalated', data, actor: QUEUE }],
      jobs: nextQuestionJobs(incident),
      result: undefined,
    };
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function examine(config: InvestigatorConfig): Promise<DoctorLine[]> {
  const clients = createPlatformClients(config);
  const readers = createPlatformReaders(config, clients);
  return [
    await examined(ROLE, 'Redis', () => lookAtLog(ROLE, config, async () => CONNECTED)),
    await examined(ROLE, 'inventory', async () => inventoryText(config.COUNTERSIGN_INVENTORY)),
    await examined(
      ROLE,
      'policy',
      async () => `version ${watchPolicy(config.COUNTERSIGN_POLICY)().digest.slice(0, 12)}`,
    ),
    await examined(ROLE, 'reasoner', async () => config.COUNTERSIGN_REASONER),
    ...(await platformChecks(ROLE, readers)),
    ...(await rightsChecks(ROLE, config, clients)),
  ];
}

runAsProgram(import.meta.url, createInvestigator);

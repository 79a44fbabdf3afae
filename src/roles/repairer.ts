import { createOutboxRelay } from '../../queues/outbox-relay.js';
import { createRepairWorker } from '../../queues/repair-worker.js';
import { createVerifyWorker } from '../../queues/verify-worker.js';
import { createFactReader } from '../../tools/facts.js';
import { createConfigRollbackRepair } from '../../tools/repair/config-rollback.js';
import { createDagRetryRepair } from '../../tools/repair/dag-retry.js';
import { createResourceIncreaseRepair } from '../../tools/repair/resource-increase.js';
import { createSchemaEvolutionRepair } from '../../tools/repair/schema-evolution.js';
import { createVerifier } from '../approve/seal.js';
import { type RepairerConfig, readConfig } from '../config.js';
import { createProcessLog, type ProcessLog } from '../log.js';
import { createRepair, type Repair } from '../repair/repair.js';
import type { RepairDeps } from '../repair/run.js';
import { createIncidentBoard } from '../views/board.js';
import { CONNECTED, connectLog, type LogConnection, lookAtLog } from './log-connection.js';
import { platformChecks } from './platform-checks.js';
import { createPlatformClients } from './platform-clients.js';
import { createPlatformReaders } from './platform-readers.js';
import { createPlatformWriters } from './repairer-writers.js';
import { rightsChecks } from './rights-check.js';
import { type DoctorLine, examined, type RoleMain, runAsProgram } from './role-process.js';
import { readInventory, readJsonFile, watchPolicy } from './rules-files.js';
import { systemTime } from './system-time.js';
import { policyByTheLog } from './user-groups.js';

const ROLE = 'repairer';
const CLOSE_WITHIN_MS = 8000;
/** How often incidents that no job may be left for are looked at. */
const RECONCILE_EVERY_MS = 5000;
const UNFINISHED = new Set(['approved', 'repairing', 'verifying', 'outcome_unknown']);

/** The role with the write credentials: it carries out what was approved, signed and sealed, and has no model. */
export function createRepairer(config: RepairerConfig = readConfig(ROLE)): RoleMain {
  const processLog = createProcessLog(ROLE, config.COUNTERSIGN_LOG_LEVEL);
  return {
    role: ROLE,
    async run(signal, ready) {
      const connection = await connectLog(ROLE, config, processLog);
      const repair = createRepair(repairDeps(config, connection, processLog));
      const common = { redisUrl: config.REDIS_URL, processLog };
      const reconcile = (job: { incident: string }): Promise<void> => repair.reconcile(job.incident, signal);
      const repairs = await createRepairWorker({
        ...common,
        handle: repair.repair,
        onGivenUp: reconcile,
      });
      const verifications = await createVerifyWorker({
        ...common,
        concurrency: 8,
        handle: repair.verify,
        onGivenUp: reconcile,
      });
      const relay = await createOutboxRelay({ ...common, queues: ['repair', 'verify'] });
      ready();
      await reconcileUntil(signal, connection, repair, processLog);
      await relay.close();
      await Promise.all([repairs.close(CLOSE_WITHIN_MS), verifications.close(CLOSE_WITHIN_MS)]);
      connection.close();
    },
    doctor: () => examine(config),
  };
}

function repairDeps(config: RepairerConfig, connection: LogConnection, processLog: ProcessLog): RepairDeps {
  const clients = createPlatformClients(config);
  const readers = createPlatformReaders(config, clients);
  const writers = createPlatformWriters(config, clients);
  const inventory = readInventory(config.COUNTERSIGN_INVENTORY);
  const facts = createFactReader(readers, inventory);
  const deps = { writers, readers, facts, inventory };
  const { log } = connection;
  const verifier = createVerifier(
    readJsonFile<Record<string, string>>(config.COUNTERSIGN_DECISION_KEYS, 'The decision keys'),
  );
  return {
    log,
    checkpoints: connection.checkpoints,
    verifier,
    tools: {
      retry: createDagRetryRepair(deps),
      schema_evolution: createSchemaEvolutionRepair(deps),
      config_rollback: createConfigRollbackRepair(deps),
      resource_increase: createResourceIncreaseRepair(deps),
    },
    facts,
    policy: policyByTheLog(watchPolicy(config.COUNTERSIGN_POLICY), log, verifier),
    clock: systemTime.clock,
    processLog,
  };
}

/** Follows the log and brings on what a killed worker left behind, until the role is stopped. */
async function reconcileUntil(
  signal: AbortSignal,
  connection: LogConnection,
  repair: Repair,
  processLog: ProcessLog,
): Promise<void> {
  const board = createIncidentBoard();
  const sweep = async (): Promise<void> => {
    for (const { incident } of board.list()) {
      const status = board.get(incident)?.status;
      if (status === undefined || !UNFINISHED.has(status) || signal.aborted) continue;
      await repair
        .reconcile(incident, signal)
        .catch((error: unknown) => processLog.warn({ incident, error }, 'reconcile'));
    }
  };
  let sweeping: Promise<void> | undefined;
  const timer = setInterval(() => {
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
  }, RECONCILE_EVERY_MS);
  await connection.log.follow(0, (entries) => void board.apply(entries), signal);
  clearInterval(timer);
  await sweeping;
}

async function examine(config: RepairerConfig): Promise<DoctorLine[]> {
  const clients = createPlatformClients(config);
  const readers = createPlatformReaders(config, clients);
  return [
    await examined(ROLE, 'Redis', () => lookAtLog(ROLE, config, async () => CONNECTED)),
    await examined(ROLE, 'decision keys', async () => {
      const keys = readJsonFile<Record<string, string>>(config.COUNTERSIGN_DECISION_KEYS, 'The decision keys');
      createVerifier(keys);
      return `${Object.keys(keys).length} known`;
    }),
    ...(await platformChecks(ROLE, readers)),
    ...(await rightsChecks(ROLE, config, clients)),
  ];
}

runAsProgram(import.meta.url, createRepairer);

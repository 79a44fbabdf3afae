import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { SourceAuth } from '../../adapters/alerts/authenticate.js';
import { createAlertRouter } from '../../adapters/alerts/router.js';
import type { LineageCollector } from '../../adapters/open-lineage/collector.js';
import { createRedactor } from '../../adapters/redaction/redactor.js';
import { createObservationStore } from '../../adapters/redis/observations.js';
import { createOnceStore } from '../../adapters/redis/once-store.js';
import { chooseAccess } from '../../adapters/web/access.js';
import { createWebPage, type WebPage } from '../../adapters/web/page.js';
import { createGate, type Gate } from '../approve/gate.js';
import { createSigner } from '../approve/seal.js';
import { readConfig, type WebConfig } from '../config.js';
import type { AlertSource } from '../domain/alert.js';
import { listedPeople } from '../domain/approval.js';
import { AppError } from '../domain/errors.js';
import { foldIncident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { ChatBackend, Clock, Redactor } from '../domain/ports.js';
import { createIntake } from '../intake/intake.js';
import { createOpenIncidents } from '../intake/open-incidents.js';
import { createProcessLog, type ProcessLog } from '../log.js';
import { createIncidentBoard, type IncidentBoard } from '../views/board.js';
import { threadOf } from '../views/thread.js';
import { connectLog, type LogConnection } from './log-connection.js';
import { knownLineage, lineageRouter, observedLineage, observedText, reloadLineage } from './observed-lineage.js';
import { type DoctorLine, examined, type RoleMain, runAsProgram } from './role-process.js';
import { readInventory, readJsonFile, watchPolicy } from './rules-files.js';

const ROLE = 'web';
const EXPIRE_EVERY_MS = 5000;

/** Everything the web role is made of, put together once. */
interface House {
  config: WebConfig;
  connection: LogConnection;
  board: IncidentBoard;
  gate: Gate;
  page: WebPage;
  app: Express;
  openIncidents: ReturnType<typeof createOpenIncidents>;
  policy: ReturnType<typeof watchPolicy>;
  lineage: LineageCollector;
  clock: Clock;
  processLog: ProcessLog;
}

/** The role that people and senders reach: intake, the page, the gate with the key that signs decisions. No platform, no model. */
export function createWeb(config: WebConfig = readConfig(ROLE)): RoleMain {
  const processLog = createProcessLog(ROLE, config.COUNTERSIGN_LOG_LEVEL);
  return {
    role: ROLE,
    async run(signal, ready) {
      const house = await build(config, processLog);
      const following = follow(house, signal);
      const expiring = setInterval(() => void expire(house), EXPIRE_EVERY_MS);
      const reloading = reloadLineage(house.lineage, processLog);
      const server = await listen(house);
      ready({ url: addressOf(config, server) });
      await following;
      clearInterval(expiring);
      clearInterval(reloading);
      await close(house, server);
    },
    doctor: () => examine(config),
  };
}

async function build(config: WebConfig, processLog: ProcessLog): Promise<House> {
  const connection = await connectLog(ROLE, config, processLog);
  const clock = { now: () => new Date() };
  const policy = watchPolicy(config.COUNTERSIGN_POLICY);
  const inventory = readInventory(config.COUNTERSIGN_INVENTORY);
  const redactor = createRedactor({ secret: config.COUNTERSIGN_REDACTION_KEY });
  const signer = createSigner(readFileSync(config.COUNTERSIGN_DECISION_KEY, 'utf8'));
  const once = createOnceStore(connection.redis);
  const board = createIncidentBoard();
  const lineage = await observedLineage(connection.redis, clock);
  const known = knownLineage(inventory, lineage, clock);
  const gate = createGate({ log: connection.log, once, policy, signer, redactor, clock, inventory, lineage: known });
  const openIncidents = createOpenIncidents();
  const intake = createIntake({ log: connection.log, open: openIncidents, inventory, redactor, clock, processLog });
  const backend = createBackend({ connection, board, gate, policy, inventory, redactor, clock });
  const page = createWebPage({
    backend,
    clock,
    processLog,
    access: chooseAccess({
      host: config.COUNTERSIGN_WEB_HOST,
      tokens:
        config.COUNTERSIGN_WEB_TOKENS === undefined
          ? undefined
          : readJsonFile(config.COUNTERSIGN_WEB_TOKENS, 'The web tokens'),
      people: deciders(policy().policy),
    }),
    cookieSecret: config.COUNTERSIGN_COOKIE_SECRET,
    allowedHosts: config.COUNTERSIGN_WEB_ALLOWED_HOSTS.split(',').map((host) => host.trim()),
    secure: config.COUNTERSIGN_WEB_HTTPS,
    ...(config.COUNTERSIGN_WEB_NOTICE === undefined ? {} : { notice: config.COUNTERSIGN_WEB_NOTICE }),
  });
  const auth = readJsonFile<Partial<Record<AlertSource | 'openlineage', SourceAuth>>>(
    config.COUNTERSIGN_INTAKE_AUTH,
    'The intake file',
  );
  const app = express().disable('x-powered-by');
  app.use(lineageRouter(auth.openlineage, lineage, clock, processLog));
  app.use('/intake', createAlertRouter({ accept: intake.accept, auth, once, clock, processLog }));
  app.use(page.router);
  return { config, connection, board, gate, page, app, openIncidents, policy, lineage, clock, processLog };
}

/** Everybody on some approver list: whom the open page offers as names. */
function deciders(policy: Policy): string[] {
  const lists = Object.values(policy.approvers.risk).filter((list) => list !== undefined);
  return [...new Set(lists.flatMap((list) => [...listedPeople(policy, list)]))].sort();
}

interface BackendDeps {
  connection: LogConnection;
  board: IncidentBoard;
  gate: Gate;
  policy: ReturnType<typeof watchPolicy>;
  inventory: Inventory;
  redactor: Redactor;
  clock: Clock;
}

/** What chats may ask: projections of the log, the gate, notes. */
function createBackend({ connection, board, gate, policy, redactor, clock }: BackendDeps): ChatBackend {
  const observations = createObservationStore(connection.redis);
  return {
    list: (filter) => board.list(filter),
    async thread(id) {
      // A link may be followed the moment its alert was accepted, before the board has heard of it.
      const incident = board.get(id) ?? foldIncident(await connection.log.read(id));
      return incident === undefined ? undefined : threadOf(incident, { policy: policy().policy, now: clock.now() });
    },
    observation: (digest) => observations.get(digest),
    decide: (click) => gate.decide(click),
    async note(id, by, text) {
      const clean = redactor.redact(text, id).text.slice(0, 4000);
      await transact(connection.log, id, (incident) => {
        if (incident === undefined) throw new AppError('not_found', { safeText: `There is no incident ${id}.` });
        const actor = { kind: 'person' as const, id: by.id, role: ROLE };
        return { events: [{ type: 'note.added', data: { by, text: clean }, actor }], result: undefined };
      });
    },
    preview: notYet,
    ask: notYet,
    investigate: notYet,
    waitingFor: notYet,
    digest: notYet,
    async logState() {
      const [entries, newest] = await Promise.all([connection.log.size(), connection.checkpoints.latest()]);
      return {
        entries,
        sealed: newest?.size ?? 0,
        sealedAt: undefined,
        root: newest?.root.toString('base64'),
        origin: newest?.origin ?? '',
        publicKey: connection.vkey,
      };
    },
  };
}

function notYet(): never {
  throw new AppError('not_found', { safeText: 'This is not there yet.' });
}

/** Keeps the board, the open incidents and every open page at the state of the log. */
async function follow(house: House, signal: AbortSignal): Promise<void> {
  const { board, page, policy, clock, openIncidents, connection } = house;
  await connection.log.follow(
    0,
    async (entries) => {
      openIncidents.apply(entries);
      for (const id of board.apply(entries)) {
        const incident = board.get(id);
        if (incident !== undefined) await page.show(threadOf(incident, { policy: policy().policy, now: clock.now() }));
      }
    },
    signal,
  );
}

async function expire(house: House): Promise<void> {
  const due = house.board
    .list({ status: 'awaiting_decision' })
    .flatMap(({ incident }) => house.board.get(incident) ?? []);
  await house.gate.expireDue(due).catch((error: unknown) => house.processLog.warn({ error }, 'expiry'));
}

function listen({ app, config }: House): Promise<Server> {
  const server = createServer(app);
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AppError('misconfigured', {
          field: 'COUNTERSIGN_WEB_PORT',
          safeText: `Port ${config.COUNTERSIGN_WEB_PORT} can not be used on ${config.COUNTERSIGN_WEB_HOST}.`,
          cause,
        }),
      ),
    );
    server.listen(config.COUNTERSIGN_WEB_PORT, config.COUNTERSIGN_WEB_HOST, () => resolve(server));
  });
}

function addressOf(config: WebConfig, server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://${config.COUNTERSIGN_WEB_HOST}:${port}`;
}

async function close({ page, connection }: House, server: Server): Promise<void> {
  page.close();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  connection.close();
}

async function examine(config: WebConfig): Promise<DoctorLine[]> {
  return [
    await examined(ROLE, 'Redis', async () => {
      const connection = await connectLog(ROLE, config, createProcessLog(ROLE, 'silent'));
      const seen = await observedText(connection.redis).finally(() => connection.close());
      return `connected, rights as narrow as needed; ${seen}`;
    }),
    await examined(
      ROLE,
      'policy',
      async () => `${deciders(watchPolicy(config.COUNTERSIGN_POLICY)().policy).length} people may decide something`,
    ),
    await examined(
      ROLE,
      'inventory',
      async () => `${readInventory(config.COUNTERSIGN_INVENTORY).pipelines.length} pipelines`,
    ),
    await examined(
      ROLE,
      'decision key',
      async () => createSigner(readFileSync(config.COUNTERSIGN_DECISION_KEY, 'utf8')).keyId,
    ),
    await examined(ROLE, 'intake', async () => {
      const auth = readJsonFile<Record<string, unknown>>(config.COUNTERSIGN_INTAKE_AUTH, 'The intake file');
      return `accepts ${Object.keys(auth).join(', ') || 'nothing'}`;
    }),
  ];
}

runAsProgram(import.meta.url, createWeb);

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { readLines } from '../../adapters/archive/lines.js';
import { connectRedis } from '../../adapters/redis/connect.js';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { createEventLog } from '../../adapters/redis/event-log.js';
import { createPokes, type Pokes } from '../../adapters/redis/pokes.js';
import type { NewEvent } from '../../src/domain/events.js';
import { createCompactRange, leafHash } from '../../src/domain/merkle.js';
import type { EventLog } from '../../src/domain/ports.js';
import { signCheckpoint, verifierKey } from '../../src/domain/signed-note.js';
import { verifyLog } from '../../src/domain/verify.js';
import { createProcessLog } from '../../src/log.js';
import { TEST_KEY } from '../support/incidents.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startSealing } from '../support/sealing.js';
import { benchIncident } from './log-incident.js';

const MS = 3000;
const processLog = createProcessLog('bench', 'silent');

/** Append beside bare Redis, entry to signed checkpoint, and verification of a million entries. */
export async function benchLog(entries = 1_000_000): Promise<Record<string, unknown>> {
  const server = await startTestRedis({ appendfsync: 'always' });
  const sealing = await startSealing(server.urlFor('sealer'));
  try {
    await sealing.down();
    const appends = await appendRates(server);
    await sealing.up();
    const sealed = await sealedLatency(server, sealing.vkey);
    return { appendfsync: 'always', appends, sealed, verify: await verifyRate(entries) };
  } finally {
    await sealing.stop();
    await server.stop();
  }
}

const thought = (n: number): NewEvent => ({
  type: 'tool.called',
  data: {
    callId: `call-${n}`,
    call: 1,
    tool: 'schema_registry_diff',
    args: { source: 'core_banking.transactions', since: '24h' },
    thought: 'A column is missing in the transform, so first what changed upstream in the last day.',
    hypothesis: 'upstream rename',
    confidence: 0.6,
  },
  actor: { kind: 'agent', id: 'agent', role: 'investigator' },
});

async function appendRates(server: TestRedis): Promise<unknown[]> {
  const rates: unknown[] = [];
  for (const writers of [1, 4, 16]) {
    const { logs, close } = await writersOf(server, writers);
    const bare = logs.map(() => new Redis(server.url));
    const sample = JSON.stringify((await logs[0]?.append(`draft-w${writers}`, 0, [thought(0)]))?.entries[0]?.entry);
    const rate = (write: (writer: number, n: number) => Promise<unknown>): Promise<number> => loop(writers, write);
    const rpush = await rate(async (writer) => bare[writer]?.rpush('bare', sample));
    const xadd = await rate(async (writer) => bare[writer]?.xadd('bare-stream', '*', 'entry', sample));
    const append = await rate(async (writer, n) => logs[writer]?.append(`draft-${writers}-${writer}`, n, [thought(n)]));
    for (const connection of bare) connection.disconnect();
    close();
    const share = Number((append / Math.max(rpush, xadd)).toFixed(2));
    rates.push({
      writers,
      bytes: sample.length,
      appendPerSecond: append,
      rpushPerSecond: rpush,
      xaddPerSecond: xadd,
      share,
    });
  }
  return rates;
}

/** A connection for each writer, as for the bare commands; as many listeners as the roles have. */
async function writersOf(server: TestRedis, writers: number): Promise<{ logs: EventLog[]; close: () => void }> {
  const url = server.urlFor('web');
  const open = (use: 'commands' | 'subscriber') => connectRedis(url, { name: 'bench', use });
  const listening = await Promise.all([1, 2, 3, 4].map(() => open('subscriber')));
  const [pokes] = await Promise.all(listening.map((one) => createPokes(one)));
  const connections = await Promise.all(Array.from({ length: writers }, () => open('commands')));
  const logs = connections.map((redis) => createEventLog({ redis, pokes: pokes as Pokes, processLog }));
  const close = (): void => {
    for (const one of [...listening, ...connections]) one.disconnect();
  };
  return { logs, close };
}

function connect(server: TestRedis, vkey: string): Promise<LogConnection> {
  return connectLog({ url: server.urlFor('web'), role: 'web', vkey, allowWeak: false, processLog });
}

async function loop(writers: number, write: (writer: number, n: number) => Promise<unknown>): Promise<number> {
  const end = performance.now() + MS;
  let done = 0;
  const run = async (writer: number): Promise<void> => {
    for (let n = 0; performance.now() < end; n++, done++) await write(writer, n);
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => run(writer)));
  return Math.round(done / (MS / 1000));
}

/** Append called to checkpoint checked and inclusion proved, while others write 200 entries a second. */
async function sealedLatency(server: TestRedis, vkey: string): Promise<unknown> {
  const [one, other] = [await connect(server, vkey), await connect(server, vkey)];
  // What the rate test left behind is sealed first.
  await one.checkpoints.covering((await one.log.size()) - 1, 60_000);
  let n = 0;
  const background = setInterval(
    () => void other.log.append('draft-background', n, [thought(n++)]).catch(() => undefined),
    5,
  );
  const times: number[] = [];
  for (let i = 0; i < 300; i++) {
    const start = performance.now();
    const { entries } = await one.log.append('draft-latency', i, [thought(i)]);
    await one.checkpoints.covering(entries[0]?.index ?? 0, 5000);
    times.push(performance.now() - start);
    await new Promise((wait) => setTimeout(wait, 7));
  }
  clearInterval(background);
  const size = await one.log.size();
  one.close();
  other.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(1));
  return { samples: times.length, logSize: size, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** An exported log of whole incidents: written first, then verified as an auditor would, from the files. */
async function verifyRate(entries: number): Promise<unknown> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const file = join(dir, 'entries.ndjson');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const name = 'countersign/log';
  const checkpoints = await writeLog(file, entries, (size, root) =>
    signCheckpoint({ origin: name, size, root }, name, privateKey),
  );
  const start = performance.now();
  const report = await verifyLog({
    entries: readLines(file),
    checkpoints,
    vkey: verifierKey(name, publicKey),
    decisionKeys: { bench: TEST_KEY.publicKeyPem },
  });
  const seconds = (performance.now() - start) / 1000;
  rmSync(dir, { recursive: true });
  const { ok, size, subjects, findings } = report;
  return {
    ok,
    size,
    subjects,
    checkpoints: checkpoints.length,
    findings: findings.slice(0, 3),
    seconds: Number(seconds.toFixed(2)),
  };
}

async function writeLog(
  file: string,
  entries: number,
  seal: (size: number, root: Buffer) => string,
): Promise<string[]> {
  const out = createWriteStream(file);
  const range = createCompactRange();
  const checkpoints: string[] = [];
  for (let incident = 0; range.size < entries; incident++) {
    for (const line of benchIncident(incident, range.size)) {
      range.append(leafHash(line));
      if (!out.write(`${line}\n`)) await once(out, 'drain');
      // A repair rests on a checkpoint over exactly its decision.
      if (line.includes('"type":"decision.recorded"')) checkpoints.push(seal(range.size, range.root()));
    }
    checkpoints.push(seal(range.size, range.root()));
  }
  out.end();
  await once(out, 'finish');
  return checkpoints;
}

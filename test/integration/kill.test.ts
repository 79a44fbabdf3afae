import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import type { EventType } from '../../src/domain/events.js';
import { foldIncident, type Incident } from '../../src/domain/incident.js';
import { createProcessLog } from '../../src/log.js';
import { compileChild } from '../support/child-program.js';
import { INCREASE, openWithProposal, TEST_KEY, testClick, testPolicy, testStep } from '../support/incidents.js';
import type { KillOrder } from '../support/kill-child.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startSealing } from '../support/sealing.js';
import { verifiedLog } from '../support/verified-log.js';

type DieAt = NonNullable<KillOrder['dieAt']>;

const processLog = createProcessLog('test', 'silent');
let program: string;
let redis: TestRedis;
let sealing: Awaited<ReturnType<typeof startSealing>>;
let web: LogConnection;
let target: Awaited<ReturnType<typeof startTarget>>;

beforeAll(async () => {
  program = compileChild('test/support/kill-child.ts');
  redis = await startTestRedis({ appendfsync: 'always' });
  sealing = await startSealing(redis.urlFor('sealer'));
  web = await connectLog({ url: redis.urlFor('web'), role: 'web', vkey: sealing.vkey, allowWeak: false, processLog });
  target = await startTarget();
}, 120_000);
afterAll(async () => {
  web.close();
  await sealing.stop();
  target.server.close();
  await redis.stop();
});

/** A target that counts every request to act, and can kill whoever asked before it answers. */
async function startTarget(): Promise<{
  server: Server;
  url: string;
  applied: { key: string; fence: number }[];
  killNext: boolean;
}> {
  const state = { applied: [] as { key: string; fence: number }[], killNext: false };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://target');
    if (url.pathname === '/apply') {
      let body = '';
      for await (const part of request) body += part;
      const { key, fence, pid } = JSON.parse(body) as { key: string; fence: number; pid: number };
      state.applied.push({ key, fence });
      if (state.killNext) {
        state.killNext = false;
        process.kill(pid, 'SIGKILL');
        return;
      }
    }
    const done = state.applied.some(({ key }) => key === url.searchParams.get('key'));
    response.end(JSON.stringify({ done, effects: state.applied.length > 0 ? 'applied' : 'none' }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { server, url: `http://127.0.0.1:${port}` });
}

type Life = { signal: NodeJS.Signals | null; code: number | null; output: string };

/** One process from start to end; killed for good when it takes too long, which fails the test. */
async function live(order: Partial<KillOrder> & Pick<KillOrder, 'part' | 'incident'>): Promise<Life> {
  const full: KillOrder = {
    redisUrl: redis.urlFor(order.part === 'decide' ? 'web' : 'repairer'),
    vkey: sealing.vkey,
    privateKeyPem: TEST_KEY.privateKeyPem,
    publicKeyPem: TEST_KEY.publicKeyPem,
    targetUrl: target.url,
    ...order,
  };
  const child: ChildProcess = spawn(process.execPath, [program], {
    env: { KILL_ORDER: JSON.stringify(full) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (part: Buffer) => {
    output += part.toString();
  });
  const tooLong = setTimeout(() => child.kill('SIGTERM'), 40_000);
  const life = await new Promise<Life>((ended) =>
    child.once('exit', (code, signal) => ended({ signal, code, output })),
  );
  clearTimeout(tooLong);
  return life;
}

let incidents = 0;

async function opened(): Promise<{ incident: string; click: NonNullable<KillOrder['click']> }> {
  incidents += 1;
  const check = {
    fact: 'config.value' as const,
    target: 'x',
    op: 'equals' as const,
    value: 'applied',
    text: 'It is applied',
    withinSeconds: 30,
  };
  const { incident, digest } = await openWithProposal(web.log, {
    incident: `INC-K${incidents}`,
    steps: [testStep(INCREASE, { verification: [check] })],
  });
  return { incident, click: testClick({ incident, shownDigest: digest }) };
}

async function state(incident: string): Promise<Incident> {
  const folded = foldIncident(await web.log.read(incident));
  if (folded === undefined) throw new Error(`${incident} is gone`);
  return folded;
}

async function count(incident: string, type: EventType): Promise<number> {
  return (await web.log.read(incident)).filter(({ entry }) => entry.type === type).length;
}

/** One approval, one effect, one end; whatever was killed on the way. */
async function expectOnce(incident: string): Promise<void> {
  const folded = await state(incident);
  const decisionId = folded.decision?.statement.decisionId;
  expect(folded.status).toBe('resolved');
  expect(target.applied.filter(({ key }) => key.startsWith(decisionId ?? '?'))).toHaveLength(1);
  for (const type of ['decision.recorded', 'repair.finished', 'incident.resolved'] as const) {
    expect([type, await count(incident, type)]).toEqual([type, 1]);
  }
}

const append = (event: EventType, when: 'before' | 'after', nth = 1): DieAt => ({ point: 'append', event, nth, when });

describe('a process that is killed', () => {
  it.each(['before', 'after'] as const)(
    '%s it writes the decision: the same click again is counted once',
    async (when) => {
      const { incident, click } = await opened();
      const first = await live({ part: 'decide', incident, click, dieAt: append('decision.recorded', when) });
      expect(first.signal).toBe('SIGKILL');
      expect(await count(incident, 'decision.recorded')).toBe(when === 'after' ? 1 : 0);
      const second = await live({ part: 'decide', incident, click });
      expect(JSON.parse(second.output)).toMatchObject({ outcome: 'decided' });
      expect(await live({ part: 'repair', incident })).toMatchObject({ code: 0 });
      await expectOnce(incident);
    },
  );

  const points: [string, DieAt][] = (['before', 'after'] as const).flatMap((when): [string, DieAt][] => [
    [`${when} it puts the job into the queue`, { point: 'enqueue', when }],
    [`${when} it claims the repair`, append('repair.started', when)],
    [`${when} it writes that it will act`, append('repair.stepped', when)],
    [`${when} it acts`, { point: 'apply', when }],
    [`${when} it records what it did`, append('repair.stepped', when, 2)],
    [`${when} it finishes the repair`, append('repair.finished', when)],
    [`${when} it writes what it verified`, append('incident.resolved', when)],
  ]);

  it.each(points)('%s: the next one brings it to its end without a second effect', async (_, dieAt) => {
    const { incident, click } = await opened();
    expect((await live({ part: 'decide', incident, click })).code).toBe(0);
    expect((await live({ part: 'repair', incident, dieAt })).signal).toBe('SIGKILL');
    expect(await live({ part: 'repair', incident })).toMatchObject({ code: 0 });
    await expectOnce(incident);
  });

  it('by somebody else while the target works on its request: the outcome is read, not guessed', async () => {
    const { incident, click } = await opened();
    await live({ part: 'decide', incident, click });
    target.killNext = true;
    const first = await live({ part: 'repair', incident, dieAt: append('incident.resolved', 'before') });
    expect(first.signal).toBe('SIGKILL');
    expect((await state(incident)).repairs.at(-1)?.steps.map(({ phase }) => phase)).toEqual(['started']);
    expect(await live({ part: 'repair', incident })).toMatchObject({ code: 0 });
    await expectOnce(incident);
    expect((await state(incident)).repairs.map(({ fence }) => fence)).toEqual([1, 2]);
  });

  it('effects equal approvals over the whole matrix', async () => {
    const approvals = new Set<string>();
    for (let n = 1; n <= incidents; n++)
      approvals.add((await state(`INC-K${n}`)).decision?.statement.decisionId ?? '?');
    expect(new Set(target.applied.map(({ key }) => key.split(':')[0]))).toEqual(approvals);
    expect(target.applied).toHaveLength(approvals.size);
    expect(approvals.size).toBe(incidents);
    expect(await verifiedLog(web, sealing.vkey, testPolicy())).toMatchObject({ ok: true, findings: [] });
  });
});

import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import type { NewEvent } from '../../src/domain/events.js';
import { createProcessLog } from '../../src/log.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

/** Between the role and Redis: cuts the connection when an append passes, before it arrives or before its answer comes back. */
interface Wire {
  port: number;
  cutNext(when: 'before' | 'after'): void;
  close(): void;
}

function startWire(target: number): Promise<Wire> {
  let cut: 'before' | 'after' | undefined;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = dial(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => [client, upstream].forEach((one) => void one.destroy()));
    }
    let deaf = false;
    client.on('data', (bytes) => {
      if (cut !== undefined && bytes.includes('cs_append')) {
        const when = cut;
        cut = undefined;
        if (when === 'before') return void client.destroy();
        deaf = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (deaf ? client.destroy() : client.write(bytes)));
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      const close = (): void => {
        for (const socket of sockets) socket.destroy();
        server.close();
      };
      const cutNext = (when: 'before' | 'after'): void => {
        cut = when;
      };
      done({ port, cutNext, close });
    });
  });
}

const note: NewEvent = {
  type: 'note.added',
  data: { by: { id: 'ann@example.com', via: 'web' }, text: 'x' },
  actor: { kind: 'person', id: 'ann@example.com', role: 'web' },
};
const options = {
  role: 'web',
  vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  allowWeak: false,
  processLog: createProcessLog('test', 'silent'),
} as const;

let redis: TestRedis;
let wire: Wire;
let role: LogConnection;
let direct: LogConnection;

beforeAll(async () => {
  redis = await startTestRedis();
  wire = await startWire(Number(new URL(redis.url).port));
  const url = new URL(redis.urlFor('web'));
  url.port = String(wire.port);
  role = await connectLog({ url: url.href, ...options });
  direct = await connectLog({ url: redis.urlFor('web'), ...options });
});
afterAll(async () => {
  role.close();
  direct.close();
  wire.close();
  await redis.stop();
});

describe('an append of which the connection broke', () => {
  it('failed and not done: says so, nothing is written, and the same append works afterwards', async () => {
    wire.cutNext('before');
    await expect(role.log.append('INC-A', 0, [note])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await direct.log.read('INC-A')).toEqual([]);
    expect(await role.log.append('INC-A', 0, [note])).toMatchObject({ version: 1 });
  });

  it('failed but done: finds its own entries and is answered as if nothing had happened, written once', async () => {
    wire.cutNext('after');
    const { version, entries } = await role.log.append('INC-B', 0, [note, note]);
    expect(version).toBe(2);
    expect(await direct.log.read('INC-B')).toEqual(entries);
  });

  it('failed, and somebody else was faster: is not mistaken for its own', async () => {
    wire.cutNext('before');
    const lost = role.log.append('INC-C', 0, [note]);
    const [theirs] = (await direct.log.append('INC-C', 0, [note])).entries;
    await expect(lost).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await direct.log.read('INC-C')).toEqual([theirs]);
  });
});

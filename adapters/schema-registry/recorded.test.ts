import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createRegistryReader } from './read.js';
import { createRegistryWriter } from './write.js';

interface Exchange {
  method: string;
  path: string;
  sent?: unknown;
  status: number;
  answer: unknown;
}
const read = (file: string): Exchange[] =>
  (JSON.parse(readFileSync(join(import.meta.dirname, 'recorded', file), 'utf8')) as { exchanges: Exchange[] })
    .exchanges;

let server: ScriptedServer;
afterEach(() => server.close());

/** Answers what was answered, the given occurrence of each request first; a request that was never recorded fails the test. */
async function replay(file: string, from = 0) {
  const left = read(file).slice(from);
  server = await startScriptedServer(({ method, path, body }) => {
    const found = left.find(
      (one) => one.method === method && one.path === path && (method === 'GET' || matches(one.sent, body)),
    );
    return found
      ? { status: found.status, json: found.answer }
      : { status: 599, text: `not recorded: ${method} ${path}` };
  });
  const http = server.client();
  return { reader: createRegistryReader({ http }), writer: createRegistryWriter({ http }) };
}

/** The same schema in the same words; white space apart. */
function matches(sent: unknown, body: string): boolean {
  const plain = ({ schema, version }: { schema: string; version?: number }): string => {
    const words = schema.startsWith('{') ? JSON.stringify(JSON.parse(schema)) : schema;
    return `${words} ${version ?? ''}`;
  };
  return plain(sent as { schema: string }) === plain(JSON.parse(body) as { schema: string });
}

const APICURIO = 'apicurio-3.3.3.json';
const at = (path: string, occurrence = 0, method = 'GET'): number =>
  read(APICURIO).flatMap((one, index) => (one.path === path && one.method === method ? [index] : []))[occurrence] ?? -1;
const ORDERS = 'recorded.orders-value';

describe('what Apicurio answered', () => {
  it('gives a version without a type for Avro, and no time', async () => {
    const { reader } = await replay(APICURIO);
    const versions = await reader.versions(ORDERS);
    expect(versions).toMatchObject([
      { version: 2, type: 'AVRO', at: undefined },
      { version: 1, type: 'AVRO', at: undefined },
    ]);
    expect(JSON.parse(versions?.[1]?.schema ?? '')).toMatchObject({ name: 'Order', namespace: 'shop' });
    expect(await reader.versions('recorded.none')).toBeUndefined();
    expect(await reader.accepts(ORDERS, 1)).toBe(true);
  });

  it('has levels for subjects: the global one for what has none, also for an unknown subject', async () => {
    const { reader } = await replay(APICURIO);
    expect(await reader.compatibility(ORDERS)).toBe('BACKWARD');
    expect(await reader.compatibility('recorded.none')).toBe('BACKWARD');
  });

  it('knows a deleted subject no more, in the same words as one that never was', async () => {
    const { reader, writer } = await replay(APICURIO, at(`/subjects/${ORDERS}`, 0, 'DELETE'));
    expect(await reader.versions(ORDERS)).toBeUndefined();
    await expect(writer.promote(ORDERS, 1)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('answers a known schema with its old id, also when version -1 is asked for: the mark makes it the newest', async () => {
    const subject = `/subjects/${ORDERS}`;
    const exchanges = read(APICURIO);
    const known = exchanges.filter(({ method, path }) => method === 'POST' && path === `${subject}/versions`);
    const [one, two, again, newest, marked] = known.map(({ answer }) => (answer as { id: number }).id);
    expect([again, newest]).toEqual([one, one]);
    expect(new Set([one, two, marked]).size).toBe(3);
    // Replayed with the newest version as it was before and after the mark.
    const latest = exchanges.filter(({ path }) => path === `${subject}/versions/latest`).map(({ answer }) => answer);
    const first = exchanges.find(({ path }) => path === `${subject}/versions/1`)?.answer;
    let posts = 0;
    server = await startScriptedServer(({ method, path, body }) => {
      if (path.endsWith('/1')) return { json: first };
      if (path.endsWith('/latest')) return { json: posts < 2 ? latest[0] : latest[1] };
      posts += Number(method === 'POST');
      const found = known.find(({ sent }) => matches(sent, body));
      return found ? { status: found.status, json: found.answer } : { status: 599, text: 'not recorded' };
    });
    expect(await createRegistryWriter({ http: server.client() }).promote(ORDERS, 1)).toEqual({ version: 3 });
    expect(posts).toBe(2);
  });

  it.each(['a/b', ':.ctx:subj', 'with space'])('knows the subject %s by its encoded name', async (name) => {
    const exchange = read(APICURIO).find(({ path }) => path === `/subjects/${encodeURIComponent(name)}/versions/1`);
    expect(exchange?.answer).toMatchObject({ subject: name });
    const { reader } = await replay(APICURIO);
    expect(await reader.accepts(name, 1)).toBe(true);
    expect(server.requests[0]?.path).toBe(exchange?.path);
  });
});

describe('what Confluent documents', () => {
  it('has a time, a type and references; a soft-deleted version, a subject without a level and one without a name', async () => {
    const { reader } = await replay('confluent-documented.json');
    expect(await reader.versions('orders-value')).toEqual([
      {
        version: 2,
        id: 100_002,
        at: '2026-03-10T20:14:00.000Z',
        type: 'PROTOBUF',
        schema: 'syntax = "proto3";\nimport "item.proto";\n\nmessage Order {\n  Item item = 1;\n}\n',
        references: [{ name: 'item.proto', subject: 'item', version: 1 }],
      },
    ]);
    expect(await reader.versions('soft-deleted')).toBeUndefined();
    expect(await reader.compatibility('orders-value')).toBe('FULL');
    expect(await reader.compatibility('no-level')).toBe('BACKWARD');
    await expect(reader.versions('too/odd')).rejects.toMatchObject({ kind: 'invalid_input' });
    expect(await reader.accepts('orders-value', 2)).toBe(false);
  });
});

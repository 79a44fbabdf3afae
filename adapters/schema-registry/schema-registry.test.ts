import { afterEach, describe, expect, it } from 'vitest';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../test/support/scripted-http.js';
import { createRegistryReader } from './read.js';
import { createRegistryWriter } from './write.js';

let server: ScriptedServer;
afterEach(() => server.close());
async function registry(script: (request: ScriptedRequest) => ScriptedAnswer) {
  server = await startScriptedServer(script);
  const http = server.client();
  return { reader: createRegistryReader({ http }), writer: createRegistryWriter({ http }) };
}
const asked = (): string[] => server.requests.map(({ method, path }) => `${method} ${path}`);
const version = (number: number, schema = `"v${number}"`, fields: Record<string, unknown> = {}) => ({
  subject: 's',
  version: number,
  id: 100 + number,
  schema,
  ...fields,
});
const failure = (status: number, error_code: number): ScriptedAnswer => ({
  status,
  json: { error_code, message: 'text that differs' },
});

describe('createRegistryReader', () => {
  it('reads all versions newest first; time and type where the registry tells them', async () => {
    const { reader } = await registry(({ path }) => {
      if (path.endsWith('/versions')) return { json: [1, 3, 2] };
      if (path.endsWith('/3'))
        return { json: version(3, '"x"', { ts: 1_795_392_000_000, schemaType: 'JSON', deleted: false }) };
      return path.endsWith('/2') ? failure(404, 40402) : { json: version(1) };
    });
    expect(await reader.versions('core/orders value')).toEqual([
      { version: 3, id: 103, at: new Date(1_795_392_000_000).toISOString(), type: 'JSON', schema: '"x"' },
      { version: 1, id: 101, at: undefined, type: 'AVRO', schema: '"v1"' },
    ]);
    expect(asked()[0]).toBe('GET /subjects/core%2Forders%20value/versions');
  });

  it('shows a repetition as the version it repeats, and nothing else as one', async () => {
    const texts = [
      '{"type": "record", "name": "A"}',
      '{"type":"record","name":"B"}',
      '{"type":"record","name":"A","countersign.repeats":"version 1 after 2"}',
      '{"type":"record","name":"A","countersign.repeats":"version 3 after 3"}',
      '{"type":"record","name":"EVIL","countersign.repeats":"version 1 after 4"}',
      '{"type":"record","name":"A","countersign.repeats":"version 99 after 5"}',
    ];
    const { reader } = await registry(({ path }) => {
      const number = Number(path.split('/').at(-1));
      return { json: Number.isNaN(number) ? texts.map((_, at) => at + 1) : version(number, texts[number - 1]) };
    });
    const [first] = texts;
    expect((await reader.versions('s'))?.map(({ schema }) => schema)).toEqual([
      texts[5],
      texts[4],
      first,
      first,
      texts[1],
      first,
    ]);
  });

  it('tells an unknown subject from another error and from an address that is no registry', async () => {
    const { reader } = await registry(({ path }) => {
      if (path.includes('unknown')) return failure(404, 40401);
      if (path.includes('proxy')) return { status: 404, text: '<html>no route</html>' };
      return failure(404, 50001);
    });
    expect(await reader.versions('unknown')).toBeUndefined();
    await expect(reader.versions('proxy')).rejects.toMatchObject({
      kind: 'unexpected_answer',
      safeText: expect.stringContaining('path'),
    });
    await expect(reader.versions('other')).rejects.toMatchObject({
      kind: 'unexpected_answer',
      safeText: expect.stringContaining('50001'),
    });
    const error = await reader.versions('other').catch((thrown) => thrown);
    expect(error.safeText).not.toContain('text that differs');
  });

  it('falls back to the global compatibility', async () => {
    const { reader } = await registry(({ path }) => {
      if (path === '/config') return { json: { compatibilityLevel: 'BACKWARD' } };
      return path.startsWith('/config/own') ? { json: { compatibilityLevel: 'FULL' } } : failure(404, 40408);
    });
    expect(await reader.compatibility('own')).toBe('FULL');
    expect(await reader.compatibility('other')).toBe('BACKWARD');
  });

  it('lists subjects and maps a refusal', async () => {
    const { reader } = await registry(({ path }) => (path === '/subjects' ? { json: ['a', 'b'] } : { status: 401 }));
    expect(await reader.subjects()).toEqual(['a', 'b']);
    await expect(reader.versions('a')).rejects.toMatchObject({ kind: 'unauthenticated' });
  });
});

describe('createRegistryWriter', () => {
  const OLD = '{"type": "object", "title": "T"}';
  const REPEATED = '{"type":"object","title":"T","countersign.repeats":"version 1 after 2"}';
  /** A registry with versions 1 and 2; `register` answers the POST, after which `latest` is what `after` says. */
  function holding(register: ScriptedAnswer, after: unknown) {
    let posted = false;
    return registry(({ method, path }) => {
      if (method === 'POST') {
        posted = true;
        return register;
      }
      if (path.endsWith('/latest')) return posted ? { json: after } : { json: version(2) };
      return path.endsWith('/1')
        ? { json: version(1, OLD, { schemaType: 'JSON', references: [{ name: 'r' }] }) }
        : failure(404, 40402);
    });
  }
  const posts = (): ScriptedRequest[] => server.requests.filter(({ method }) => method === 'POST');

  it('registers the old schema as it was, and tells its new number', async () => {
    const { writer } = await holding({ json: { id: 101 } }, version(3, REPEATED));
    expect(await writer.promote('s', 1)).toEqual({ version: 3 });
    expect(JSON.parse(posts()[0]?.body ?? '')).toEqual({
      schema: REPEATED,
      schemaType: 'JSON',
      references: [{ name: 'r' }],
    });
    expect(posts()[0]?.headers['content-type']).toBe('application/vnd.schemaregistry.v1+json');
  });

  it.each([
    ['PROTOBUF', 'syntax = "proto3";'],
    ['AVRO', '"string"'],
  ])('does not try what can not carry the mark: %s', async (schemaType, schema) => {
    const { writer } = await registry(({ path }) => ({
      json: version(path.endsWith('/1') ? 1 : 2, schema, { schemaType }),
    }));
    await expect(writer.promote('s', 1)).rejects.toMatchObject({ kind: 'precondition' });
    expect(posts()).toEqual([]);
  });

  it('does not call it done when the registry kept the old number', async () => {
    const { writer } = await holding({ json: { id: 101 } }, version(2));
    await expect(writer.promote('s', 1)).rejects.toMatchObject({ kind: 'precondition', retryable: false });
  });

  it.each<[string, ScriptedAnswer, string, boolean]>([
    ['an incompatible schema', failure(409, 409), 'precondition', false],
    ['an invalid schema', failure(422, 42201), 'precondition', false],
    ['no right to write', { status: 403 }, 'forbidden', false],
    ['no answer', { cut: true }, 'timeout', true],
    ['garbage', { text: 'x' }, 'timeout', true],
    ['an answer after which nothing can be read', { json: { id: 'odd' } }, 'timeout', true],
  ])('posts once: %s', async (_, register, kind, retryable) => {
    const { writer } = await holding(register, version(2));
    await expect(writer.promote('s', 1)).rejects.toMatchObject({ kind, retryable });
    expect(posts()).toHaveLength(1);
  });

  it('posts nothing when the version is unknown', async () => {
    const { writer } = await holding({ json: { id: 1 } }, version(2));
    await expect(writer.promote('s', 9)).rejects.toMatchObject({ kind: 'not_found' });
    expect(posts()).toEqual([]);
  });
});

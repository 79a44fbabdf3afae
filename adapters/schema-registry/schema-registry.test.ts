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
      if (path.startsWith('/config/own')) return { json: { compatibilityLevel: 'FULL' } };
      // A subject of Confluent may have an alias or a group and no level.
      return path.startsWith('/config/aliased') ? { json: { alias: 'own' } } : failure(404, 40408);
    });
    expect(await reader.compatibility('own')).toBe('FULL');
    expect(await reader.compatibility('aliased')).toBe('BACKWARD');
    expect(await reader.compatibility('other')).toBe('BACKWARD');
  });

  it('lists subjects and maps a refusal', async () => {
    const { reader } = await registry(({ path }) => (path === '/subjects' ? { json: ['a', 'b'] } : { status: 401 }));
    expect(await reader.subjects()).toEqual(['a', 'b']);
    await expect(reader.versions('a')).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('does not let one huge version hide the others', async () => {
    const { reader } = await registry(({ path }) => {
      if (path.endsWith('/versions')) return { json: [1, 2] };
      return path.endsWith('/2') ? { json: version(2, 'x'.repeat(10_000_000)) } : { json: version(1) };
    });
    expect(await reader.versions('s')).toMatchObject([
      { version: 2, schema: '', unread: 'too_large' },
      { version: 1, schema: '"v1"' },
    ]);
  });

  it('reads no more versions than tell what changed, and stops when it is told to', async () => {
    const { reader } = await registry(({ path }) => {
      const number = Number(path.split('/').at(-1));
      return { json: Number.isNaN(number) ? Array.from({ length: 50 }, (_, at) => at + 1) : version(number) };
    });
    const read = await reader.versions('s');
    expect([read?.length, read?.[0]?.version, read?.at(-1)?.version]).toEqual([30, 50, 21]);
    await expect(reader.versions('s', AbortSignal.abort())).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('tells a Protobuf file with an idle option from one that says something else', async () => {
    const texts = [
      'syntax = "proto3";\nmessage T { string id = 1; }',
      'syntax = "proto3";\nmessage T { string id = 1; string note = 2; }',
      'syntax = "proto3"; // again\nmessage T {\n  string id = 1;\n}\noption deprecated = false;\n',
      'syntax = "proto3";\nmessage T { string id = 1; }\noption deprecated = true;\n',
    ];
    const { reader } = await registry(({ path }) => {
      const number = Number(path.split('/').at(-1));
      return {
        json: Number.isNaN(number) ? [1, 2, 3, 4] : version(number, texts[number - 1], { schemaType: 'PROTOBUF' }),
      };
    });
    expect((await reader.versions('s'))?.map(({ schema }) => texts.indexOf(schema) + 1)).toEqual([4, 1, 2, 1]);
  });
});

describe('accepts', () => {
  it.each<[string, ScriptedAnswer, boolean | undefined]>([
    ['yes', { json: { is_compatible: true } }, true],
    ['no', { json: { is_compatible: false, messages: ['x'] } }, false],
    ['a registry that can not compare by the rule', { status: 405, text: 'Method Not Allowed' }, undefined],
    ['a registry that fails at it', failure(500, 500), undefined],
  ])('%s', async (_, answer, expected) => {
    const { reader } = await registry(({ method, path }) => {
      if (method === 'POST') return answer;
      return path.endsWith('/9') ? failure(404, 40402) : { json: version(1, 'text', { schemaType: 'JSON' }) };
    });
    expect(await reader.accepts('a/b', 1)).toBe(expected);
    expect(asked()[1]).toBe('POST /compatibility/subjects/a%2Fb/versions');
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({ schema: 'text', schemaType: 'JSON' });
    expect(await reader.accepts('a/b', 9)).toBeUndefined();
  });
});

describe('createRegistryWriter', () => {
  const OLD = '{"type": "object", "title": "T"}';
  const REPEATED = '{"type":"object","title":"T","countersign.repeats":"version 1 after 2"}';
  const REFERENCES = [{ name: 'r', subject: 'other', version: 1 }];
  const old = version(1, OLD, { schemaType: 'JSON', references: REFERENCES });

  interface Sent {
    schema: string;
    version?: number;
    [key: string]: unknown;
  }
  /** A registry with versions 1 and 2 that takes what `takes` says and answers a known text with its old id. */
  function holding(takes: (body: Sent) => boolean | ScriptedAnswer, first: object = old, second: object = version(2)) {
    const versions: object[] = [first, second];
    return registry(({ method, path, body }) => {
      if (method === 'POST') {
        const sent = JSON.parse(body) as Sent;
        const answer = takes(sent);
        if (typeof answer === 'object') return answer;
        if (answer) versions.push({ ...sent, version: versions.length + 1, id: 200 });
        return { json: { id: 101 } };
      }
      const at = path.endsWith('/latest') ? versions.length : Number(path.split('/').at(-1));
      const found = versions[at - 1];
      return found ? { json: found } : failure(404, 40402);
    });
  }
  const posts = (): Sent[] =>
    server.requests.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body) as Sent);

  it('asks Confluent in its own words, and leaves the schema as it was', async () => {
    const { writer } = await holding((body) => body.version === -1);
    expect(await writer.promote('s', 1)).toEqual({ version: 3 });
    expect(posts()).toEqual([{ schema: OLD, schemaType: 'JSON', references: REFERENCES, version: -1 }]);
    expect(server.requests.find(({ method }) => method === 'POST')?.headers['content-type']).toBe(
      'application/vnd.schemaregistry.v1+json',
    );
  });

  it('does not take over the rules of the version that is replaced', async () => {
    const rules = { ruleSet: { domainRules: [] }, metadata: { properties: { owner: 'them' } } };
    const { writer } = await holding((body) => body.version === -1, old, version(2, '"v2"', rules));
    await writer.promote('s', 1);
    expect(posts()).toMatchObject([{ metadata: {}, ruleSet: {} }]);
    server.close();
    const kept = await holding((body) => body.version === -1, { ...old, ...rules });
    await kept.writer.promote('s', 1);
    expect(posts()).toMatchObject([rules]);
  });

  it.each<[string, (body: Sent) => boolean | ScriptedAnswer]>([
    ['ignores it', (body) => body.version === undefined],
    ['refuses it', (body) => (body.version === undefined ? true : failure(422, 422))],
    ['refuses it as malformed', (body) => (body.version === undefined ? true : failure(400, 400))],
  ])('marks the schema for a registry that %s', async (_, takes) => {
    const { writer, reader } = await holding(takes);
    expect(await writer.promote('s', 1)).toEqual({ version: 3 });
    expect(posts()[1]).toEqual({ schema: REPEATED, schemaType: 'JSON', references: REFERENCES });
    // Asked again after a lost answer: nothing is sent.
    expect(await writer.promote('s', 1)).toEqual({ version: 3 });
    expect(posts()).toHaveLength(2);
    expect(await reader.accepts('s', 9)).toBeUndefined();
  });

  it('repeats a plain Avro type and a Protobuf file; an Avro union leaves no room', async () => {
    const marks = (type: string, schema: string) =>
      holding((body) => body.version === undefined, version(1, schema, { schemaType: type }));
    await (await marks('AVRO', '"long"')).writer.promote('s', 1);
    expect(posts()[1]?.schema).toBe('{"type":"long","countersign.repeats":"version 1 after 2"}');
    server.close();
    await (await marks('PROTOBUF', 'syntax = "proto3";\nmessage T {} // last')).writer.promote('s', 1);
    expect(posts()[1]?.schema).toBe(
      'syntax = "proto3";\nmessage T {} // last\noption java_generic_services = false;\n',
    );
    server.close();
    const { writer } = await marks('AVRO', '["null","string"]');
    await expect(writer.promote('s', 1)).rejects.toMatchObject({ kind: 'invalid_input', retryable: false });
    expect(posts()).toHaveLength(1);
  });

  it('does not call it done when the registry kept the old number', async () => {
    const { writer } = await holding(() => false);
    await expect(writer.promote('s', 1)).rejects.toMatchObject({ kind: 'invalid_input', retryable: false });
  });

  it('does nothing for the version that is the newest', async () => {
    const { writer } = await holding(() => true);
    expect(await writer.promote('s', 2)).toEqual({ version: 2 });
    expect(posts()).toEqual([]);
  });

  it('does not take what somebody else registered meanwhile for its own', async () => {
    let posted = false;
    const { writer } = await registry(({ method, path }) => {
      posted ||= method === 'POST';
      if (method === 'POST') return { json: { id: 300 } };
      if (path.endsWith('/latest')) return { json: posted ? version(3, '"theirs"') : version(2) };
      return { json: old };
    });
    await expect(writer.promote('s', 1)).rejects.toMatchObject({ kind: 'timeout' });
  });

  it.each<[string, ScriptedAnswer, string, boolean]>([
    ['an incompatible schema', failure(409, 409), 'precondition', false],
    ['an incompatible schema, in other words', failure(409, 40901), 'precondition', false],
    ['a subject that may only be read', failure(422, 42205), 'forbidden', false],
    ['a schema above the registry’s bound', failure(422, 42209), 'too_large', false],
    ['no right to write', { status: 403 }, 'forbidden', false],
    ['no answer', { cut: true }, 'timeout', true],
    ['garbage', { text: 'x' }, 'timeout', true],
    ['an answer after which nothing can be read', { json: { id: 'odd' } }, 'timeout', true],
  ])('posts once: %s', async (_, answer, kind, retryable) => {
    const { writer } = await holding(() => answer);
    await expect(writer.promote('s', 1)).rejects.toMatchObject({ kind, retryable });
    expect(posts()).toHaveLength(1);
  });

  it('says of an invalid schema that it is invalid, when both ways were refused', async () => {
    const { writer } = await holding(() => failure(422, 42201));
    await expect(writer.promote('s', 1)).rejects.toMatchObject({
      kind: 'precondition',
      safeText: expect.stringContaining('42201'),
    });
    expect(posts()).toHaveLength(2);
  });

  it('posts nothing when the version is unknown', async () => {
    const { writer } = await holding(() => true);
    await expect(writer.promote('s', 9)).rejects.toMatchObject({ kind: 'not_found' });
    expect(posts()).toEqual([]);
  });
});

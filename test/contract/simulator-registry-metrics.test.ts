import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPlatform, type TestPlatform } from '../support/platform.js';

// Servers, git and tables start for real; a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform('s01');
});
afterAll(() => platform.stop());

// biome-ignore lint/suspicious/noExplicitAny: bodies of a foreign API are looked into freely here
type Body = any;
const SUBJECT = 'core_banking.transactions';

async function registry(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; type: string | null; body: Body }> {
  const response = await fetch(platform.addresses.registry + path, {
    method,
    headers: { 'Content-Type': 'application/vnd.schemaregistry.v1+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

describe('the simulated schema registry', () => {
  it('lists versions and gives each with its time, in the registry’s own content type', async () => {
    const { body: versions, type } = await registry('GET', `/subjects/${SUBJECT}/versions`);
    expect(type).toContain('application/vnd.schemaregistry.v1+json');
    const latest = await registry('GET', `/subjects/${SUBJECT}/versions/latest`);
    expect(latest.body).toMatchObject({ subject: SUBJECT, version: versions.at(-1) });
    expect(latest.body.ts).toBe(platform.engine.subjectVersions(SUBJECT).at(-1)?.at);
    expect(JSON.parse(latest.body.schema).type).toBe('record');
    const byId = await registry('GET', `/schemas/ids/${latest.body.id}`);
    expect(byId.body).toEqual({ schema: latest.body.schema });
    expect((await registry('GET', `/schemas/ids/${latest.body.id}/versions`)).body).toEqual([
      { subject: SUBJECT, version: versions.at(-1) },
    ]);
  });

  it('says what is missing by its codes', async () => {
    expect(await registry('GET', '/subjects/nope/versions')).toMatchObject({
      status: 404,
      body: { error_code: 40401 },
    });
    expect(await registry('GET', `/subjects/${SUBJECT}/versions/99`)).toMatchObject({
      status: 404,
      body: { error_code: 40402 },
    });
    expect(await registry('GET', `/subjects/${SUBJECT}/versions/zero`)).toMatchObject({
      status: 422,
      body: { error_code: 42202 },
    });
    expect(await registry('GET', '/schemas/ids/1')).toMatchObject({ status: 404, body: { error_code: 40403 } });
    expect(await registry('PUT', '/config', { compatibility: 'SIDEWAYS' })).toMatchObject({
      status: 422,
      body: { error_code: 42203 },
    });
  });

  it('has no level of its own for a subject until one is set: 40408, unless the global one will do', async () => {
    expect(await registry('GET', `/config/${SUBJECT}`)).toMatchObject({ status: 404, body: { error_code: 40408 } });
    expect((await registry('GET', `/config/${SUBJECT}?defaultToGlobal=true`)).body).toEqual({
      compatibilityLevel: 'BACKWARD',
    });
    expect((await registry('GET', '/config')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
  });

  it('checks compatibility and refuses what old data can not be read with', async () => {
    const { body: latest } = await registry('GET', `/subjects/${SUBJECT}/versions/latest`);
    const schema = JSON.parse(latest.schema);
    const broken = JSON.stringify({ ...schema, fields: [...schema.fields, { name: 'brand_new', type: 'string' }] });
    const checked = await registry('POST', `/compatibility/subjects/${SUBJECT}/versions/latest?verbose=true`, {
      schema: broken,
    });
    expect(checked.body.is_compatible).toBe(false);
    expect(checked.body.messages[0]).toContain('READER_FIELD_MISSING_DEFAULT_VALUE');
    const refused = await registry('POST', `/subjects/${SUBJECT}/versions`, { schema: broken });
    expect(refused).toMatchObject({ status: 409, body: { error_code: 409 } });
    expect(await registry('POST', `/subjects/${SUBJECT}/versions`, { schema: '{"type":"nonsense"}' })).toMatchObject({
      status: 422,
      body: { error_code: 42201 },
    });
  });

  it('keeps one version of one text; the same shape under new text becomes the newest', async () => {
    const count = (): number => platform.engine.subjectVersions(SUBJECT).length;
    const before = count();
    const { body: latest } = await registry('GET', `/subjects/${SUBJECT}/versions/latest`);
    expect((await registry('POST', `/subjects/${SUBJECT}/versions`, { schema: latest.schema })).body).toEqual({
      id: latest.id,
    });
    expect(count()).toBe(before);
    const documented = JSON.stringify({ ...JSON.parse(latest.schema), doc: 'the same, in words' });
    expect((await registry('POST', `/subjects/${SUBJECT}/versions`, { schema: documented })).body).toEqual({
      id: latest.id,
    });
    const again = JSON.stringify({ ...JSON.parse(latest.schema), note: 'registered again' });
    expect((await registry('POST', `/subjects/${SUBJECT}/versions`, { schema: again })).status).toBe(200);
    expect(count()).toBe(before + 1);
    const newest = await registry('GET', `/subjects/${SUBJECT}/versions/latest`);
    expect(newest.body).toMatchObject({ version: before + 1, schema: again });
    expect(newest.body.id).not.toBe(latest.id);
  });
});

async function prometheus(path: string, parameters: Record<string, string>): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${platform.addresses.prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  return { status: response.status, body: await response.json() };
}
const now = (): number => platform.engine.now() / 1000;
const METRIC = 'spark_executor_memory_ratio';

describe('the simulated Prometheus', () => {
  it('answers an instant query with text values, and nothing with an empty vector', async () => {
    const { body } = await prometheus('query', { query: METRIC });
    expect(body).toMatchObject({
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: { __name__: METRIC, app: 'daily-transactions-transform' } }] },
    });
    const [at, value] = body.data.result[0].value;
    expect(at).toBe(now());
    expect(Number(value)).toBeGreaterThan(0.7);
    expect(value).toBeTypeOf('string');
    expect((await prometheus('query', { query: 'no_such_metric' })).body).toEqual({
      status: 'success',
      data: { resultType: 'vector', result: [] },
    });
  });

  it('takes a form body as well', async () => {
    const response = await fetch(`${platform.addresses.prometheus}/api/v1/query`, {
      method: 'POST',
      body: new URLSearchParams({ query: '1 + 2 * 3' }),
    });
    expect((await response.json()) as Body).toMatchObject({ data: { resultType: 'scalar', result: [now(), '7'] } });
  });

  it.each([
    [`${METRIC}{app="daily-transactions-transform"}`, 1],
    [`${METRIC}{app!="daily-transactions-transform"}`, 0],
    [`${METRIC}{app=~"daily.*"}`, 1],
    [`${METRIC}{app=~"daily"}`, 0],
    [`${METRIC}{app!~"other.*"}`, 1],
    [`{__name__=~"spark_.*"}`, 1],
    [`${METRIC} > 0.1`, 1],
    [`${METRIC} > 100`, 0],
    [`${METRIC} / ${METRIC} == 1`, 1],
    [`max by (app) (max_over_time(${METRIC}[1h]))`, 1],
    [`avg(rate(transactions_landed_rows[6h]))`, 1],
    [`sum(up)`, 1],
    [`count by (job) (up)`, 5],
    [`topk(2, up)`, 2],
    [`${METRIC} offset 1h`, 1],
    [`${METRIC} offset 200d`, 0],
    ['up and up', 5],
    ['up unless up', 0],
    ['max_over_time(up[1h:5m])', 5],
    ['absent(up)', 0],
    ['absent(nothing_of_this_name)', 1],
  ])('evaluates %s to %i series', async (query, series) => {
    const { status, body } = await prometheus('query', { query });
    expect(status).toBe(200);
    expect(body.data.result).toHaveLength(series);
  });

  it.each([
    ['', 'no expression found in input'],
    ['sum(', 'parse error'],
    ['why is it slow?', 'parse error'],
    ['{__name__=~".*"}', 'must contain at least one non-empty matcher'],
    ['foo(up)', 'unknown function with name "foo"'],
    ['rate(up)', 'expected type range vector in call to function "rate", got instant vector'],
    ['1 == 1', 'comparisons between scalars must use BOOL modifier'],
  ])('refuses %j as bad data', async (query, why) => {
    const { status, body } = await prometheus('query', { query });
    expect(status).toBe(400);
    expect(body).toMatchObject({ status: 'error', errorType: 'bad_data' });
    expect(body.error).toMatch(/^invalid parameter "query": /);
    expect(body.error).toContain(why);
  });

  it('says so when it is asked for PromQL that it does not evaluate', async () => {
    for (const query of [
      'histogram_quantile(0.9, up)',
      'up * on(job) group_left() up',
      'label_replace(up, "a", "b", "c", "d")',
    ]) {
      const { status, body } = await prometheus('query', { query });
      expect(status).toBe(422);
      expect(body).toMatchObject({ errorType: 'execution' });
      expect(body.error).toContain('the simulator does not support');
    }
  });

  it('answers ranges, and refuses more than 11,000 points', async () => {
    const range = (more: Record<string, string>) =>
      prometheus('query_range', {
        query: METRIC,
        start: String(now() - 3600),
        end: String(now()),
        step: '60',
        ...more,
      });
    const { body } = await range({});
    expect(body.data).toMatchObject({ resultType: 'matrix' });
    expect(body.data.result[0].values).toHaveLength(61);
    expect((await range({ step: '0.1' })).body.error).toBe(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
    expect((await range({ step: '0' })).status).toBe(400);
    expect((await range({ start: 'yesterday' })).body.error).toContain('invalid parameter "start"');
    expect((await range({ end: String(now() - 7200) })).body.error).toContain(
      'end timestamp must not be before start time',
    );
    expect((await range({ query: `${METRIC}[5m]` })).body.error).toContain(
      'invalid expression type "range vector" for range query',
    );
  });

  it('knows its series and labels', async () => {
    expect((await prometheus('label/__name__/values', {})).body.data).toContain(METRIC);
    expect((await prometheus('series', { 'match[]': METRIC })).body.data).toHaveLength(1);
    expect((await prometheus('series', {})).status).toBe(400);
    expect((await fetch(`${platform.addresses.prometheus}/-/ready`)).status).toBe(200);
  });
});

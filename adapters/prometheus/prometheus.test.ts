import { afterEach, describe, expect, it } from 'vitest';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createMetricReader } from './read.js';
import { refuseOpenSelectors } from './selector.js';

let server: ScriptedServer;
afterEach(() => server?.close());
async function prometheus(answer: ScriptedAnswer) {
  server = await startScriptedServer(() => answer);
  return createMetricReader({ http: server.client() });
}
const success = (resultType: string, result: unknown): ScriptedAnswer => ({
  json: { status: 'success', data: { resultType, result }, warnings: [] },
});
const sent = (): URLSearchParams => new URL(server.requests[0]?.path ?? '', 'http://x').searchParams;
const start = new Date('2026-11-23T00:00:00Z');
const endAfter = (seconds: number): Date => new Date(start.getTime() + seconds * 1000);

describe('range', () => {
  it('reads series with numbers, NaN and infinities; histograms carry no value', async () => {
    const reader = await prometheus(
      success('matrix', [
        {
          metric: { __name__: 'lag', topic: 'o' },
          values: [
            [1795423017.587, '1.5'],
            [1795423077, 'NaN'],
            [1795423137, '+Inf'],
            [1795423197, '-Inf'],
          ],
        },
        { metric: {}, histograms: [[1, { count: '2' }]] },
      ]),
    );
    expect(await reader.range('lag', start, endAfter(600), 60)).toEqual([
      {
        labels: { __name__: 'lag', topic: 'o' },
        points: [
          [1795423017.587, 1.5],
          [1795423077, Number.NaN],
          [1795423137, Number.POSITIVE_INFINITY],
          [1795423197, Number.NEGATIVE_INFINITY],
        ],
      },
      { labels: {}, points: [] },
    ]);
    expect(Object.fromEntries(sent())).toMatchObject({
      query: 'lag',
      start: '1795392000',
      end: '1795392600',
      step: '60',
      timeout: '10000ms',
    });
  });

  it('tells no series from zero', async () => {
    expect(await (await prometheus(success('matrix', []))).range('lag', start, endAfter(60), 15)).toEqual([]);
  });

  it.each([
    [86_400, 15],
    [7 * 86_400, 1],
    [90 * 86_400, 15],
    [86_400 * 3 + 1, 0.5],
  ])('keeps %i seconds at step %d below 11,000 points', async (span, step) => {
    await (await prometheus(success('matrix', []))).range('lag', start, endAfter(span), step);
    const used = Number(sent().get('step'));
    expect(Math.floor(span / used) + 1).toBeLessThan(11_000);
    expect(used).toBeGreaterThanOrEqual(step);
    expect(Number.isInteger(used)).toBe(true);
  });

  it.each([
    [-1, 15],
    [94 * 86_400, 15],
    [60, 0],
    [Number.NaN, 15],
  ])('refuses a range of %d seconds at step %d', async (span, step) => {
    const reader = await prometheus(success('matrix', []));
    await expect(reader.range('lag', start, endAfter(span), step)).rejects.toMatchObject({ kind: 'invalid_input' });
    expect(server.requests).toEqual([]);
  });

  it('says too many instead of showing some', async () => {
    const many = Array.from({ length: 501 }, (_, at) => ({ metric: { at: String(at) }, values: [] }));
    await expect((await prometheus(success('matrix', many))).range('lag', start, start, 1)).rejects.toMatchObject({
      kind: 'too_large',
    });
  });

  it.each([
    [
      { status: 400, json: { status: 'error', errorType: 'bad_data', error: 'invalid parameter secret' } },
      'invalid_input',
    ],
    [{ status: 422, json: { status: 'error', errorType: 'execution', error: 'x' } }, 'invalid_input'],
    [{ status: 503, json: { status: 'error', errorType: 'timeout', error: 'x' } }, 'timeout'],
    [{ status: 503, text: 'Service Unavailable' }, 'unavailable'],
    [{ status: 401, text: 'Unauthorized' }, 'unauthenticated'],
    [{ text: '<html>' }, 'unexpected_answer'],
    [success('vector', []), 'unexpected_answer'],
  ])('maps %o to %s', async (answer, kind) => {
    const error = await (await prometheus(answer)).range('lag', start, endAfter(60), 15).catch((thrown) => thrown);
    expect(error).toMatchObject({ kind });
    expect(error.safeText).not.toContain('secret');
  });
});

describe('instant', () => {
  it.each([
    [success('vector', [{ metric: {}, value: [1, '42'] }]), 42],
    [success('vector', [{ metric: {}, value: [1, '0'] }]), 0],
    [success('scalar', [1, '3.5']), 3.5],
    [success('vector', []), undefined],
    [success('vector', [{ metric: {}, histogram: [1, {}] }]), undefined],
  ])('reads %o as %d', async (answer, value) => {
    expect(await (await prometheus(answer)).instant('up')).toBe(value);
  });
  it('does not choose among several series', async () => {
    const two = success('vector', [
      { metric: {}, value: [1, '1'] },
      { metric: {}, value: [1, '2'] },
    ]);
    await expect((await prometheus(two)).instant('up')).rejects.toMatchObject({ kind: 'too_large' });
  });
});

describe('refuseOpenSelectors', () => {
  it.each([
    'up',
    'sum by (topic) (rate(lag{topic="o"}[5m]))',
    '{__name__="up"}',
    '{__name__=~"kafka_.+"}',
    '{job="x", a!=""}',
    '{"metric.name"}',
    'up{}',
    '1 + 1',
    'lag{a=~".+"}',
    'up{x="{}"}',
    'a or b{c="d"}',
    'up # {__name__=~".+"}',
  ])('takes %s', (expr) => {
    expect(() => refuseOpenSelectors(expr)).not.toThrow();
  });
  it.each([
    '',
    '{}',
    '{__name__=~".+"}',
    '{__name__=~".*", job!="x"}',
    'count({__name__!=""})',
    '{job=""}',
    'up or {__name__=~".+"}',
    'sum without (a) ({b!~"x"})',
    '{a=~"x|.*"}',
    '{a=~"abc|.+"}',
    'a'.repeat(2001),
  ])('refuses %s', (expr) => {
    expect(() => refuseOpenSelectors(expr)).toThrow();
  });
});

describe('what Prometheus 2.42 says of expressions that it refuses', () => {
  // Texts of `GET /api/v1/query_range` on Prometheus 2.42.0+ds (Debian 12), recorded 2026-11-23.
  it.each([
    ['1:5: parse error: unclosed left parenthesis', 'can not be read at character 5'],
    ['1:26: parse error: unexpected end of input inside braces', 'can not be read at character 26'],
    ['1:1: parse error: unknown function with name "averaged"', 'there is no function averaged'],
    [
      '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
      'give its series one, like rate(x[5m])',
    ],
    [
      '1:5: parse error: expected type instant vector in call to function "abs", got range vector',
      'abs() takes a series without a span',
    ],
    ['1:1: parse error: expected 2 argument(s) in call to "clamp_max", got 1', 'wrong number of arguments'],
    ['1:3: parse error: comparisons between scalars must use BOOL modifier', '`bool`'],
    ['1:15: parse error: error parsing regexp: missing closing ): `^(?:()$`', 'no regular expression'],
    ['1:1: parse error: set operator "and" not allowed in binary scalar expression', 'combine series'],
    ['1:6: parse error: ranges only allowed for vector selectors', 'only inside a function'],
    [
      'found duplicate series for the match group {table="secret"} on the right hand-side of the operation: [{table="secret"}];many-to-many matching not allowed: matching labels must be unique on one side',
      'several series would pair with one',
    ],
    ['invalid expression type "string" for range query, must be Scalar or instant Vector', 'it is a text'],
    ['something new about "secret"', 'can not evaluate the expression (bad_data).'],
  ])('puts %j into words of ours', async (error, words) => {
    const reader = await prometheus({ status: 400, json: { status: 'error', errorType: 'bad_data', error } });
    const refused = await reader.instant('up').catch((thrown) => thrown);
    expect(refused).toMatchObject({ kind: 'invalid_input', field: 'expr' });
    expect(refused.safeText).toContain(words);
    expect(refused.safeText).not.toContain('secret');
  });
});

import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient, MetricReader, MetricSeries } from '../../src/domain/platform-ports.js';
import { refusal } from './refusal.js';
import { refuseOpenSelectors } from './selector.js';

/** A sample's value is a string: a number, `NaN`, `+Inf` or `-Inf`. Native histograms carry none and are left out. */
const Sample = z.tuple([z.number(), z.string()]);
const Labels = z.record(z.string(), z.string());
const Success = z.discriminatedUnion('resultType', [
  z.looseObject({
    resultType: z.literal('matrix'),
    result: z.array(z.looseObject({ metric: Labels, values: z.array(Sample).nullish() })),
  }),
  z.looseObject({
    resultType: z.literal('vector'),
    result: z.array(z.looseObject({ metric: Labels, value: Sample.nullish() })),
  }),
  z.looseObject({ resultType: z.literal('scalar'), result: Sample }),
  z.looseObject({ resultType: z.literal('string'), result: Sample }),
]);
const Body = z.union([
  z.looseObject({ status: z.literal('success'), data: Success }),
  z.looseObject({ status: z.literal('error'), errorType: z.string().nullish(), error: z.string().nullish() }),
]);

/** Prometheus refuses 11,000 points and more a series. */
const MOST_POINTS = 10_999;
const LONGEST_RANGE_MS = 93 * 86_400_000;
const MOST_SERIES = 500;

/** Reads Prometheus. A range too fine for its limit of points is read with a wider step, never refused or cut. */
export function createMetricReader(deps: { http: HttpClient; timeoutSeconds?: number }): MetricReader {
  async function query(path: string, params: Record<string, string>, signal?: AbortSignal) {
    const search = new URLSearchParams({ ...params, timeout: `${Math.ceil((deps.timeoutSeconds ?? 10) * 1000)}ms` });
    const answer = await deps.http.request({
      method: 'GET',
      path: `/api/v1/${path}?${search}`,
      signal,
      // 503 is also the answer to an expression that took too long: sent again it would take as long again.
      accept: [400, 422, 503],
    });
    if (answer.status === 503) throw gaveUp(answer.text);
    const body = readJson('Prometheus', answer, Body);
    if (body.status === 'success') return body.data;
    throw refusal(body.errorType, body.error);
  }

  return {
    async range(expr, start, end, stepSeconds, signal) {
      refuseOpenSelectors(expr);
      const span = end.getTime() - start.getTime();
      if (!(span >= 0 && span <= LONGEST_RANGE_MS && stepSeconds > 0)) {
        throw new AppError('invalid_input', {
          safeText: 'A metric range ends after it starts and spans at most 93 days.',
        });
      }
      const step = Math.max(Math.ceil(stepSeconds), Math.ceil(span / 1000 / (MOST_POINTS - 1)), 1);
      const params = { query: expr, start: seconds(start), end: seconds(end), step: String(step) };
      const data = await query('query_range', params, signal);
      if (data.resultType !== 'matrix') {
        throw new AppError('unexpected_answer', { safeText: 'Prometheus answered a range with something else.' });
      }
      if (data.result.length > MOST_SERIES) throw tooManySeries(data.result.length);
      return data.result.map(
        ({ metric, values }): MetricSeries => ({
          labels: metric,
          points: (values ?? []).map(([at, v]) => [at, numberOf(v)]),
        }),
      );
    },

    async instant(expr, signal) {
      refuseOpenSelectors(expr);
      const data = await query('query', { query: expr }, signal);
      if (data.resultType === 'scalar') return numberOf(data.result[1]);
      if (data.resultType !== 'vector') {
        throw new AppError('invalid_input', { field: 'expr', safeText: 'The expression is not one number.' });
      }
      if (data.result.length > 1) throw tooManySeries(data.result.length);
      const value = data.result[0]?.value;
      return value ? numberOf(value[1]) : undefined;
    },
  };
}

/** Prometheus ends a query at the `timeout` it was given; while it starts or shuts down it answers nothing. */
function gaveUp(text: string): AppError {
  return /"errorType":\s*"(?:timeout|canceled)"/.test(text)
    ? new AppError('timeout', {
        field: 'expr',
        safeText: 'Prometheus gave up evaluating the expression; take fewer series or a shorter time.',
      })
    : new AppError('unavailable', { safeText: 'Prometheus answered 503; it can not be asked now.' });
}

function seconds(date: Date): string {
  return String(date.getTime() / 1000);
}

/** `NaN` stays NaN: no data and "not a number" are different answers. */
function numberOf(text: string): number {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function tooManySeries(count: number): AppError {
  return new AppError('too_large', {
    field: 'expr',
    safeText: `The expression gives ${count} series; narrow it by labels or aggregate it.`,
  });
}

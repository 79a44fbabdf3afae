import { expect } from 'vitest';
import type { MetricReader } from '../../../src/domain/platform-ports.js';
import type { Contract } from '../contract.js';
import { derivedFigures, refusedExpressions } from './metrics-promql.js';

export interface MetricsGiven {
  /** The product's reader with the read login. */
  reader: MetricReader;
  /** The same with a password that is wrong. */
  stranger: MetricReader;
  /** Where the history of metrics-history.ts ends. */
  end: Date;
  /** A request with the read login, past the adapter. @returns its status. */
  request(method: string, path: string): Promise<number>;
}

const MINUTE = 60_000;
const before = ({ end }: MetricsGiven, minutes: number): Date => new Date(end.getTime() - minutes * MINUTE);

/** What the metric port promises about a Prometheus. */
export const metricsContract: Contract<MetricsGiven> = {
  system: 'prometheus',
  expectations: [
    {
      name: 'a range has a point a step from its start to its end, both among them, in Unix seconds',
      async check(given) {
        const series = await given.reader.range('contract_rising', before(given, 60), given.end, 600);
        const end = given.end.getTime() / 1000;
        expect(series).toEqual([
          {
            labels: { __name__: 'contract_rising', kind: 'rising', table: 'bronze.orders' },
            points: [60, 50, 40, 30, 20, 10, 0].map((minutes) => [end - minutes * 60, 10_000 - minutes]),
          },
        ]);
      },
    },
    {
      name: 'thirty days can be read, and their finest step is widened so that no point is refused',
      async check(given) {
        const [days] = await given.reader.range('contract_rising', before(given, 30 * 1440), given.end, 86_400);
        expect(days?.points).toHaveLength(31);
        expect(days?.points.at(0)?.[1]).toBe(10_000 - 30 * 1440);
        const [fine] = await given.reader.range('contract_rising', before(given, 7 * 1440), given.end, 1);
        expect(fine?.points.length).toBeGreaterThan(10_000);
        expect(fine?.points.length).toBeLessThan(11_000);
      },
    },
    {
      name: 'a range of one instant has one point',
      async check(given) {
        const [one] = await given.reader.range('contract_flat', given.end, given.end, 15);
        expect(one?.points).toEqual([[given.end.getTime() / 1000, 42]]);
      },
    },
    {
      name: 'no series is no series, and not zero',
      async check(given) {
        expect(await given.reader.range('contract_missing', before(given, 60), given.end, 60)).toEqual([]);
        expect(await given.reader.instant('contract_missing')).toBeUndefined();
        expect(await given.reader.instant(`contract_flat @ ${given.end.getTime() / 1000} * 0`)).toBe(0);
      },
    },
    {
      name: 'what is older than what is kept is no series',
      async check(given) {
        const early = before(given, 120 * 1440);
        expect(await given.reader.range('contract_flat', early, before(given, 115 * 1440), 3600)).toEqual([]);
      },
    },
    {
      name: 'NaN and both infinities arrive as numbers',
      async check(given) {
        const at = given.end.getTime() / 1000;
        expect(await given.reader.instant(`contract_flat @ ${at} * 0 / 0`)).toBeNaN();
        expect(await given.reader.instant(`contract_flat @ ${at} / 0`)).toBe(Number.POSITIVE_INFINITY);
        expect(await given.reader.instant(`-contract_flat @ ${at} / 0`)).toBe(Number.NEGATIVE_INFINITY);
        const [series] = await given.reader.range('contract_flat / 0', before(given, 2), given.end, 60);
        expect(series?.points.map(([, value]) => value)).toEqual(Array(3).fill(Number.POSITIVE_INFINITY));
      },
    },
    {
      name: 'a scalar is a value, also over a range',
      async check(given) {
        expect(await given.reader.instant('1 + 2 * 3 ^ 2')).toBe(19);
        const [series] = await given.reader.range('6 * 7', before(given, 2), given.end, 60);
        expect(series).toMatchObject({
          labels: {},
          points: [[expect.any(Number), 42], expect.anything(), expect.anything()],
        });
      },
    },
    {
      name: 'several series are given by their labels, and none of them is chosen as the value',
      async check(given) {
        const several = '{__name__=~"contract_(flat|rising)"}';
        const names = (await given.reader.range(several, given.end, given.end, 15)).map(({ labels }) => labels['kind']);
        expect(names.sort()).toEqual(['flat', 'rising']);
        const at = given.end.getTime() / 1000;
        await expect(given.reader.instant(`${several} @ ${at}`)).rejects.toMatchObject({ kind: 'too_large' });
      },
    },
    {
      name: 'a label pattern matches the whole value',
      async check(given) {
        const found = async (expr: string): Promise<number> =>
          (await given.reader.range(expr, given.end, given.end, 15)).length;
        expect(await found('contract_flat{table=~"bronze[.].+"}')).toBe(1);
        expect(await found('contract_flat{table=~"bronze"}')).toBe(0);
        expect(await found('contract_flat{table!~"silver.*", absent=""}')).toBe(1);
      },
    },
    {
      name: 'a range vector or a text is not one value',
      async check({ reader }) {
        await expect(reader.instant('contract_flat[5m]')).rejects.toMatchObject({ kind: 'invalid_input' });
        await expect(reader.instant('"text"')).rejects.toMatchObject({ kind: 'invalid_input' });
      },
    },
    ...derivedFigures.map(({ expr, value, within = 1e-9 }) => ({
      name: `${expr} is ${value}`,
      async check({ reader, end }: MetricsGiven) {
        const [series, ...more] = await reader.range(expr, end, end, 15);
        expect(more).toEqual([]);
        const got = series?.points[0]?.[1];
        if (value === undefined) expect(got).toBeUndefined();
        else expect(Math.abs((got ?? Number.NaN) - value)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(value)));
      },
    })),
    ...refusedExpressions.map(({ expr, says }) => ({
      name: `${JSON.stringify(expr)} is refused as input, in our words`,
      async check({ reader, end }: MetricsGiven) {
        const error = await reader.range(expr, end, end, 15).catch((thrown) => thrown);
        expect(error).toMatchObject({ kind: 'invalid_input' });
        expect(error.safeText).toMatch(says);
      },
    })),
    {
      name: 'a request that is given up ends at once',
      async check({ reader, end }) {
        const controller = new AbortController();
        const asked = reader.range('contract_flat', end, end, 15, controller.signal);
        controller.abort();
        await expect(asked).rejects.toMatchObject({ kind: 'timeout' });
      },
    },
    {
      name: 'a wrong password is refused as such',
      async check({ stranger, end }) {
        await expect(stranger.instant('1')).rejects.toMatchObject({ kind: 'unauthenticated' });
        await expect(stranger.range('contract_flat', end, end, 15)).rejects.toMatchObject({ kind: 'unauthenticated' });
      },
    },
    ...[
      'the read login can not delete series: POST /api/v1/admin/tsdb/delete_series?match[]=contract_flat',
      'the read login can not clean up: POST /api/v1/admin/tsdb/clean_tombstones',
      'the read login can not write samples: POST /api/v1/write',
      'the read login can not reload the configuration: POST /-/reload',
      'the read login can not end the server: PUT /-/quit',
    ].map((name) => ({
      name,
      async check({ request, reader, end }: MetricsGiven) {
        const [method = '', path = ''] = name.split(': ')[1]?.split(' ') ?? [];
        expect(await request(method, path)).toBeGreaterThanOrEqual(400);
        expect(await reader.range('contract_flat', end, end, 15)).toHaveLength(1);
      },
    })),
  ],
};

import { describe, expect, it } from 'vitest';
import { bindCase, boundCase, pointedAt } from '../../../test/support/binder.js';
import type { Finding } from '../finding.js';
import { printType } from './type.js';

const factsOf = (sql: string) => boundCase(sql).facts;

describe('filters', () => {
  it.each([
    ["status = 'A'", 'status', '=', ['A']],
    ["'A' = status", 'status', '=', ['A']],
    ['5 < qty', 'qty', '>', ['5']],
    ["status IN ('A', 'B')", 'status', 'in', ['A', 'B']],
    ["status NOT IN ('A')", 'status', 'not_in', ['A']],
    ['amount BETWEEN -1 AND 2.5', 'amount', 'between', ['-1', '2.5']],
    ["status LIKE 'A%'", 'status', 'like', ['A%']],
    ['amount IS NULL', 'amount', 'is_null', []],
    ['amount IS NOT NULL', 'amount', 'is_not_null', []],
    ["book_date >= DATE '2026-01-01'", 'book_date', '>=', ['2026-01-01']],
  ])('%s', (condition, column, op, values) => {
    const { filters } = factsOf(`SELECT txn_id FROM txn WHERE ${condition}`);
    expect(filters.map((each) => [each.column, each.op, each.values, each.clause])).toEqual([
      [{ input: 'txn', column }, op, values, 'where'],
    ]);
  });

  it('keep the clause they stand in', () => {
    const sql =
      "SELECT sum(CASE WHEN t.qty > 1 THEN 1 END) AS a, count(*) FILTER (WHERE t.status = 'A') AS b FROM txn t JOIN customer c ON c.segment = 'x' AND t.customer_id = c.customer_id WHERE t.flag IS NOT NULL";
    expect(
      factsOf(sql)
        .filters.map(({ column, clause }) => `${column.column} ${clause}`)
        .sort(),
    ).toEqual(['flag where', 'qty case', 'segment on', 'status filter']);
  });
});

describe('joins', () => {
  it('know their pairs', () => {
    const { joins } = factsOf(
      'SELECT t.txn_id FROM txn t LEFT JOIN fx f ON f.currency = t.currency AND (t.book_date = f.rate_date) AND f.rate > 1',
    );
    expect(joins.map(({ kind, left, right, on }) => ({ kind, left, right, on }))).toEqual([
      {
        kind: 'left',
        left: 't',
        right: 'f',
        on: [
          { left: { input: 'fx', column: 'currency' }, right: { input: 'txn', column: 'currency' } },
          { left: { input: 'txn', column: 'book_date' }, right: { input: 'fx', column: 'rate_date' } },
        ],
      },
    ]);
  });

  it.each([
    ['JOIN', 'inner'],
    ['LEFT OUTER JOIN', 'left'],
    ['RIGHT JOIN', 'right'],
    ['FULL JOIN', 'full'],
    ['LEFT SEMI JOIN', 'semi'],
    ['LEFT ANTI JOIN', 'anti'],
  ])('%s is %s', (words, kind) => {
    const { joins } = factsOf(`SELECT t.txn_id FROM txn t ${words} customer c ON t.customer_id = c.customer_id`);
    expect(joins.map((each) => each.kind)).toEqual([kind]);
  });

  it('are found through a query of WITH', () => {
    const { joins } = factsOf(
      'WITH a AS (SELECT customer_id AS k FROM txn) SELECT a.k FROM a JOIN customer c ON a.k = c.customer_id',
    );
    expect(joins[0]?.on).toEqual([
      { left: { input: 'txn', column: 'customer_id' }, right: { input: 'customer', column: 'customer_id' } },
    ]);
  });
});

describe('casts, aggregates, calls', () => {
  it('know what they are over', () => {
    const sql = 'SELECT sum(CAST(amount AS DECIMAL(20,4))) AS a, count(DISTINCT status) AS b, max(TRY_CAST(status AS INT)) AS c FROM txn'; // biome-ignore format: one query
    const { casts, aggregates } = factsOf(sql);
    expect(casts.map(({ from, to, tries, over }) => [printType(from), printType(to), tries, over?.column])).toEqual([
      ['DECIMAL(18,4)', 'DECIMAL(20,4)', false, 'amount'],
      ['STRING', 'INT', true, 'status'],
    ]);
    expect(aggregates.map(({ name, distinct, over }) => [name, distinct, over[0]?.column])).toEqual([
      ['sum', false, 'amount'],
      ['count', true, 'status'],
      ['max', false, 'status'],
    ]);
  });

  it('are known by their Spark names', () => {
    const { calls } = factsOf("SELECT nvl(status, '-') AS a, ceiling(amount) AS b, mean(qty) OVER () AS c, lcase(status) AS d FROM txn"); // biome-ignore format: one query
    expect(calls.map(({ name }) => name)).toEqual(['coalesce', 'ceil', 'lower']);
  });

  it('a window is a fact with its place', () => {
    const sql = 'SELECT row_number() OVER (PARTITION BY status ORDER BY txn_ts) AS rn FROM txn';
    const { windows } = factsOf(sql);
    expect(windows.map(({ name, place }) => [name, pointedAt(sql, { place } as Finding)])).toEqual([
      ['row_number', 'row_number'],
    ]);
  });
});

describe('what is read, named and left in', () => {
  it('reads columns through aliases, subqueries and stars', () => {
    const { reads } = factsOf(
      'SELECT s.x, f.* FROM (SELECT amount AS x, currency AS c FROM txn WHERE flag) s JOIN fx f ON f.currency = s.c',
    );
    expect(reads.map(({ input, column }) => `${input}.${column}`).sort()).toEqual([
      'fx.currency',
      'fx.rate',
      'fx.rate_date',
      'txn.amount',
      'txn.currency',
      'txn.flag',
    ]);
  });

  it('follows an output to the columns it comes from', () => {
    const { columns } = boundCase(
      'WITH a AS (SELECT amount * fee AS v, status FROM txn) SELECT v + 1 AS x, status FROM a',
    );
    expect(columns.map(({ from, plain }) => [from.map(({ column }) => column), plain?.column])).toEqual([
      [['amount', 'fee'], undefined],
      [['status'], 'status'],
    ]);
  });

  it('keeps every name that was written', () => {
    const { names } = factsOf('WITH risk AS (SELECT amount AS exposure FROM txn t) SELECT exposure AS lgd FROM risk');
    expect(new Set(names.map(({ name }) => name))).toEqual(new Set(['risk', 'amount', 'exposure', 'txn', 't', 'lgd']));
  });

  it('says where ORDER BY, LIMIT and the star stand', () => {
    const sql = 'SELECT * FROM txn ORDER BY txn_id LIMIT 5';
    const { bound } = bindCase(sql);
    const at = [bound?.facts.star, bound?.facts.orderBy, bound?.facts.limit];
    expect(at.map((place) => pointedAt(sql, { place } as Finding))).toEqual(['*', 'ORDER BY', 'LIMIT']);
    expect(bound?.duckdb).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { bindCase, pointedAt } from '../../../test/support/binder.js';

const rulesOf = (sql: string): string[] => bindCase(sql).findings.map(({ rule }) => rule);

/** A query that fires the rule, where the finding points, and one near it that must not fire it. */
const FIRES: readonly (readonly [rule: string, at: string | undefined, fires: string, near: string])[] = [
  ['SQL000', '=', 'SELECT txn_id FROM txn WHERE qty = = 1', 'SELECT txn_id FROM txn WHERE qty = 1'],
  ['SQL001', 'amunt', 'SELECT amunt FROM txn', 'SELECT Amount FROM txn'],
  ['SQL001', 't.amunt', 'SELECT t.amunt FROM txn t', 'SELECT t.amount FROM txn t'],
  ['SQL001', 'nowhere', 'SELECT txn_id FROM txn ORDER BY nowhere', 'SELECT txn_id AS k FROM txn ORDER BY k, amount, 1'],
  ['SQL001', 'order by', 'SELECT txn_id FROM txn order by 2', 'SELECT txn_id FROM txn order by 1'],
  ['SQL001', 'nothing', 'SELECT * EXCEPT (nothing) FROM fx', 'SELECT * EXCEPT (rate) FROM fx'],
  ['SQL001', 'q', 'SELECT qty + 1 AS q FROM txn WHERE q > 1', 'SELECT qty + 1 AS q, q + 1 AS r FROM txn'],
  ['SQL001', 'n', 'SELECT count(*) AS c FROM txn HAVING n > 1', 'SELECT count(*) AS n FROM txn HAVING n > 1'],
  ['SQL002', 'trx', 'SELECT amount FROM trx', 'SELECT amount FROM TXN'],
  ['SQL002', 'x', 'SELECT x.* FROM txn t', 'SELECT t.* FROM txn t'],
  ['SQL002', 'x.amount', 'SELECT x.amount FROM txn t', 'SELECT txn.amount FROM txn'],
  ['SQL002', '`/mnt/x`', 'SELECT a FROM delta.`/mnt/x`', 'SELECT `amount` FROM `txn`'],
  ['SQL002', 'txn', 'SELECT amount FROM a.b.c.txn', 'SELECT amount FROM txn'],
  ['SQL003', 'customer_id', 'SELECT customer_id FROM txn t JOIN customer c ON t.customer_id = c.customer_id', 'SELECT t.customer_id FROM txn t JOIN customer c ON t.customer_id = c.customer_id'], // biome-ignore format: a row
  ['SQL003', 'a', 'WITH a AS (SELECT 1 AS x), a AS (SELECT 2 AS x) SELECT x FROM a', 'WITH b AS (SELECT 1 AS x), a AS (SELECT x FROM b) SELECT x FROM a'], // biome-ignore format: a row
  ['SQL004', 'status', 'SELECT currency, status, count(*) AS n FROM txn GROUP BY currency', 'SELECT currency, max(status) AS s, count(*) AS n FROM txn GROUP BY currency'], // biome-ignore format: a row
  ['SQL004', 'status', "SELECT currency FROM txn GROUP BY currency HAVING status = 'B'", "SELECT currency FROM txn GROUP BY currency HAVING max(status) = 'B'"], // biome-ignore format: a row
  ['SQL005', 'upper', 'SELECT upper(status) FROM txn', 'SELECT upper(status) AS s FROM txn'],
  ['SQL005', 'currency', 'SELECT fee AS currency, currency FROM txn', 'SELECT fee, currency FROM txn'],
  ['SQL006', 'fx', 'SELECT t.txn_id FROM txn t JOIN fx f', 'SELECT t.txn_id FROM txn t CROSS JOIN fx f'],
  ['SQL006', 'fx', 'SELECT t.txn_id FROM txn t, fx f', 'SELECT t.txn_id FROM txn t JOIN fx f ON t.currency = f.currency'], // biome-ignore format: a row
  ['SQL007', 'currency', 'SELECT txn_id, fee FROM txn UNION ALL SELECT currency FROM txn', 'SELECT txn_id, fee FROM txn UNION ALL SELECT qty, fee FROM txn'], // biome-ignore format: a row
  ['SQL007', 'name', 'SELECT (SELECT name, segment FROM customer) AS x FROM txn', 'SELECT (SELECT max(name) FROM customer) AS x FROM txn'], // biome-ignore format: a row
  ['SQL008', 'w', 'SELECT sum(qty) OVER w AS s FROM txn WINDOW v AS (PARTITION BY status)', 'SELECT sum(qty) OVER w AS s FROM txn WINDOW w AS (PARTITION BY status)'], // biome-ignore format: a row
  ['SQL009', 'sum', 'SELECT txn_id FROM txn WHERE sum(qty) > 0', 'SELECT currency FROM txn GROUP BY currency HAVING sum(qty) > 0'], // biome-ignore format: a row
  ['SQL009', 'sum', 'SELECT sum(max(qty)) AS x FROM txn', 'SELECT sum(greatest(qty, 1)) AS x FROM txn'],
  [
    'SQL009',
    'sum',
    'SELECT count(*) AS n FROM txn GROUP BY sum(qty)',
    'SELECT count(*) AS n FROM txn GROUP BY abs(qty)',
  ],
  ['SQL009', 'max', 'SELECT sum(qty) FILTER (WHERE max(qty) > 1) AS x FROM txn', 'SELECT sum(qty) FILTER (WHERE qty > 1) AS x FROM txn'], // biome-ignore format: a row
  ['SQL010', undefined, 'SELECT 1 AS a; SELECT 2 AS b', 'SELECT 1 AS a;'],
  ['SQL010', undefined, 'DELETE FROM txn', "SELECT 'DELETE FROM txn' AS a"],
  ['SQL012', 'uuid', 'SELECT uuid() AS x FROM txn', 'SELECT md5(status) AS x FROM txn'],
  ['SQL015', 'customer_id', 'SELECT name FROM customer c WHERE c.customer_id NOT IN (SELECT customer_id FROM txn)', 'SELECT name FROM customer c WHERE c.customer_id NOT IN (SELECT customer_id FROM txn WHERE customer_id IS NOT NULL)'], // biome-ignore format: a row
  ['SQL020', 'uper', 'SELECT uper(status) AS x FROM txn', 'SELECT soundex(status) AS x FROM txn'],
  ['FLT003', 'date_trunc', "SELECT date_trunc('FORTNIGHT', txn_ts) AS x FROM txn", "SELECT date_trunc('week', txn_ts) AS x FROM txn"], // biome-ignore format: a row
  ['FLT003', 'trunc', "SELECT trunc(book_date, 'DAY') AS x FROM txn", "SELECT trunc(book_date, 'MM') AS x FROM txn"],
  [
    'TYP001',
    'flag',
    'SELECT txn_id FROM txn WHERE flag = book_date',
    'SELECT txn_id FROM txn WHERE txn_ts = book_date',
  ],
  ['TYP001', 'flag', 'SELECT CASE WHEN qty = 1 THEN flag ELSE book_date END AS x FROM txn', 'SELECT CASE WHEN qty = 1 THEN fee ELSE 0 END AS x FROM txn'], // biome-ignore format: a row
  ['TYP001', 'book_date', 'SELECT flag AS x FROM txn UNION ALL SELECT book_date FROM txn', 'SELECT txn_ts AS x FROM txn UNION ALL SELECT book_date FROM txn'], // biome-ignore format: a row
  ['TYP002', 'qty', 'SELECT txn_id FROM txn WHERE qty', 'SELECT txn_id FROM txn WHERE flag'],
  ['TYP002', 'status', 'SELECT txn_id FROM txn WHERE flag AND status', "SELECT txn_id FROM txn WHERE flag AND status = 'A'"], // biome-ignore format: a row
  ['TYP003', 'sum', 'SELECT sum(book_date) AS x FROM txn', 'SELECT max(book_date) AS x FROM txn'],
  ['TYP003', 'book_date', 'SELECT book_date + amount AS x FROM txn', 'SELECT book_date + qty AS x FROM txn'],
  ['TYP003', 'status', 'SELECT status + status AS x FROM txn', 'SELECT account_code + 1 AS x FROM txn'],
  ['TYP003', 'reverse', 'SELECT reverse(status, 1) AS x FROM txn', 'SELECT reverse(status) AS x FROM txn'],
  ['TYP004', 'qty', 'SELECT CAST(qty AS BADTYPE) AS x FROM txn', 'SELECT CAST(qty AS LONG) AS x FROM txn'],
  [
    'TYP004',
    'qty',
    'SELECT CAST(qty AS DECIMAL(39,2)) AS x FROM txn',
    'SELECT CAST(qty AS DECIMAL(38,2)) AS x FROM txn',
  ],
  ['TYP005', 'qty', 'SELECT CAST(qty AS DATE) AS x FROM txn', 'SELECT CAST(status AS DATE) AS x FROM txn'],
  ['TYP008', 't.account_code', 'SELECT txn_id FROM txn t JOIN customer c ON t.account_code = c.customer_id', 'SELECT txn_id FROM txn t JOIN customer c ON t.account_code = c.name'], // biome-ignore format: a row
  ['TYP008', 'account_code', 'SELECT txn_id FROM txn WHERE account_code = 5', "SELECT txn_id FROM txn WHERE qty = '5'"],
  ['DEC001', 'amount', 'SELECT CAST(amount AS DECIMAL(18,2)) AS x FROM txn', 'SELECT CAST(amount AS DECIMAL(20,4)) AS x FROM txn'], // biome-ignore format: a row
  ['DEC001', 'amount', 'SELECT CAST(amount AS DECIMAL(18,5)) AS x FROM txn', 'SELECT CAST(amount AS DECIMAL(19,5)) AS x FROM txn'], // biome-ignore format: a row
  ['DEC003', 'amount', 'SELECT CAST(amount AS DOUBLE) AS x FROM txn', 'SELECT CAST(qty AS DOUBLE) AS x FROM txn'],
  ['DEC004', 'sum', 'SELECT sum(huge) AS x FROM txn', 'SELECT sum(amount) AS x FROM txn'],
  ['DEC006', 'huge', 'SELECT huge * amount AS x FROM txn', 'SELECT amount * fee AS x FROM txn'],
  ['SBX002', 'soundex', 'SELECT soundex(status) AS x FROM txn', 'SELECT reverse(status) AS x FROM txn'],
  ['SBX002', 'ratio', 'SELECT CAST(ratio AS STRING) AS x FROM txn', 'SELECT CAST(amount AS STRING) AS x FROM txn'],
  ['SBX002', 'ltrim', "SELECT ltrim('0', account_code) AS x FROM txn", 'SELECT ltrim(account_code) AS x FROM txn'],
  ['SBX003', 'regexp_replace', "SELECT regexp_replace(status, '(?<=a)b', '') AS x FROM txn", "SELECT regexp_replace(status, 'a?b', '') AS x FROM txn"], // biome-ignore format: a row
  ['SBX003', 'date_format', "SELECT date_format(txn_ts, 'QQQ') AS x FROM txn", "SELECT date_format(txn_ts, 'yyyy-MM') AS x FROM txn"], // biome-ignore format: a row
  ['WIN001', 'row_number', 'SELECT row_number() OVER (ORDER BY txn_id) AS x FROM txn', 'SELECT count(*) AS x FROM txn'],
  [
    'WIN002',
    'window',
    "SELECT window(txn_ts, '1 hour') AS w FROM txn",
    "SELECT date_trunc('hour', txn_ts) AS w FROM txn",
  ],
  ['WIN002', 'r', 'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r', 'WITH r AS (SELECT 1 AS n) SELECT n FROM r'], // biome-ignore format: a row
  ['WIN003', 'txn', 'SELECT a.fee FROM txn a JOIN txn b ON a.status = b.status AND b.txn_ts < a.txn_ts', 'SELECT a.fee FROM txn a JOIN txn b ON a.status = b.status AND b.txn_id < a.txn_id'], // biome-ignore format: a row
  ['CDC004', 'before.id', 'SELECT before.id AS x FROM raw', 'SELECT id AS x FROM raw'],
  ['CDC004', 'after', 'SELECT after FROM raw', 'SELECT op FROM raw'],
];

describe('a rule of the binder', () => {
  it.each(FIRES)('%s points at %s in: %s', (rule, at, fires, near) => {
    const found = bindCase(fires).findings.filter((each) => each.rule === rule);
    expect(found.length, JSON.stringify(bindCase(fires).findings)).toBeGreaterThan(0);
    expect(found.map((each) => pointedAt(fires, each))).toContain(at);
    expect(rulesOf(near)).not.toContain(rule);
  });

  it.each([
    ['SELECT amunt FROM txn', "did you mean 'amount'?"],
    ['SELECT amount FROM trx', "did you mean 'txn'?"],
    ['SELECT uper(status) AS x FROM txn', "did you mean 'upper'?"],
    ['SELECT sum(qty) OVER w1 AS s FROM txn WINDOW w2 AS (PARTITION BY status)', "did you mean 'w2'?"],
    ['SELECT a FROM nothing_like_it', 'inputs are txn, customer, fx, raw'],
  ])('%s: %s', (sql, suggestion) => {
    expect(bindCase(sql).findings.map((each) => each.suggestion)).toEqual([suggestion]);
  });

  it('says a fault once, and nothing that follows from it', () => {
    expect(rulesOf('SELECT upper(amunt) || 1 AS x, sum(amunt) AS y FROM txn WHERE amunt > 1')).toEqual(
      Array(3).fill('SQL001'),
    );
  });
});

describe('nesting', () => {
  const nested = (depth: number): string => `SELECT ${'abs('.repeat(depth)}qty${')'.repeat(depth)} AS x FROM txn`;

  it('is a rule of its own where the parser does not go, and no syntax error', () => {
    expect(rulesOf(nested(60))).toEqual(['SQL014']);
    expect(rulesOf(nested(20))).toEqual([]);
  });

  it('does not count what stands side by side', () => {
    const ands = Array.from({ length: 1_000 }, (_, at) => `qty <> ${at}`).join(' AND ');
    expect(rulesOf(`SELECT txn_id FROM txn WHERE ${ands}`)).toEqual([]);
  });
});

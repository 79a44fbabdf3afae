import { describe, expect, it } from 'vitest';
import { boundCase, columnsOf } from '../../../test/support/binder.js';

const typeOf = (expression: string): string => columnsOf(`SELECT ${expression} AS x FROM txn`)[0]?.slice(2) ?? '';

describe('arithmetic', () => {
  it.each([
    ['qty + 1', 'INT'],
    ['qty + txn_id', 'BIGINT'],
    ['qty / 2', 'DOUBLE'],
    ['qty DIV 2', 'BIGINT'],
    ['qty % 2', 'INT'],
    ['small + 1', 'DOUBLE'],
    ['small + small', 'FLOAT'],
    ['amount + fee', 'DECIMAL(19,4)'],
    ['amount - 1', 'DECIMAL(19,4)'],
    ['amount * fee', 'DECIMAL(28,6)'],
    ['amount * 3', 'DECIMAL(20,4)'],
    ['amount / 3', 'DECIMAL(20,6)'],
    ['amount / fee', 'DECIMAL(30,14)'],
    ['amount % 7', 'DECIMAL(5,4)'],
    ['amount + qty', 'DECIMAL(19,4)'],
    ['amount * txn_id', 'DECIMAL(38,4)'],
    ['amount * ratio', 'DOUBLE'],
    ['amount * 1.19', 'DECIMAL(22,6)'],
    ['huge * amount', 'DECIMAL(38,6)'],
    ['account_code + 1', 'BIGINT'],
    ['account_code * 1.5', 'DOUBLE'],
    ['- fee', 'DECIMAL(9,2) NOT NULL'],
    ['fee + 1', 'DECIMAL(10,2) NOT NULL'],
    ['book_date + 1', 'DATE'],
  ])('%s is %s', (expression, type) => {
    expect(typeOf(expression)).toBe(type);
  });
});

describe('a literal', () => {
  it.each([
    ['1', 'INT NOT NULL'],
    ['2147483648', 'BIGINT NOT NULL'],
    ['1.50', 'DECIMAL(3,2) NOT NULL'],
    ['0.05', 'DECIMAL(2,2) NOT NULL'],
    ['1e3', 'DOUBLE NOT NULL'],
    ['1L', 'BIGINT NOT NULL'],
    ["'text'", 'STRING NOT NULL'],
    ['NULL', 'VOID'],
    ["DATE '2026-01-01'", 'DATE NOT NULL'],
    ["TIMESTAMP '2026-01-01 00:00:00'", 'TIMESTAMP NOT NULL'],
  ])('%s is %s', (expression, type) => {
    expect(typeOf(expression)).toBe(type);
  });
});

describe('a choice', () => {
  it.each([
    ["CASE WHEN flag THEN 'a' ELSE 'b' END", 'STRING NOT NULL'],
    ["CASE WHEN flag THEN 'a' END", 'STRING'],
    ['CASE WHEN flag THEN fee ELSE 0 END', 'DECIMAL(12,2) NOT NULL'],
    ['CASE WHEN flag THEN amount ELSE fee END', 'DECIMAL(18,4)'],
    ['CASE WHEN flag THEN NULL ELSE qty END', 'INT'],
    ['CASE WHEN flag THEN book_date ELSE txn_ts END', 'TIMESTAMP'],
    ['CASE status WHEN 1 THEN qty ELSE txn_id END', 'BIGINT'],
    ['coalesce(amount, 0)', 'DECIMAL(18,4) NOT NULL'],
    ['coalesce(qty, customer_id)', 'BIGINT'],
    ['coalesce(status, currency)', 'STRING NOT NULL'],
    ['nullif(fee, 0)', 'DECIMAL(9,2)'],
    ['if(flag, 1, 2.5)', 'DECIMAL(11,1) NOT NULL'],
    ['greatest(qty, 1)', 'INT NOT NULL'],
    ['TRY_CAST(currency AS INT)', 'INT'],
    ['CAST(fee AS DECIMAL(12,4))', 'DECIMAL(12,4) NOT NULL'],
    ['amount IS NULL', 'BOOLEAN NOT NULL'],
    ['amount > 1', 'BOOLEAN'],
    ['status <=> NULL', 'BOOLEAN NOT NULL'],
    ["currency IN ('EUR', NULL)", 'BOOLEAN'],
    ['(SELECT max(rate) FROM fx)', 'DECIMAL(18,8)'],
  ])('%s is %s', (expression, type) => {
    expect(typeOf(expression)).toBe(type);
  });
});

describe('an aggregate', () => {
  it.each([
    ['sum(qty)', 'BIGINT'],
    ['sum(amount)', 'DECIMAL(28,4)'],
    ['sum(huge)', 'DECIMAL(38,10)'],
    ['sum(ratio)', 'DOUBLE'],
    ['avg(amount)', 'DECIMAL(22,8)'],
    ['avg(huge)', 'DECIMAL(38,14)'],
    ['avg(qty)', 'DOUBLE'],
    ['min(fee)', 'DECIMAL(9,2)'],
    ['max(book_date)', 'DATE'],
    ['count(*)', 'BIGINT NOT NULL'],
    ['count(DISTINCT customer_id)', 'BIGINT NOT NULL'],
    ['bool_or(flag)', 'BOOLEAN'],
    ['sum(amount) / count(*)', 'DECIMAL(38,14)'],
    ['max_by(currency, txn_id)', 'STRING'],
  ])('%s is %s', (expression, type) => {
    expect(typeOf(expression)).toBe(type);
  });
});

describe('rows of several sources', () => {
  it.each([
    ['SELECT c.segment AS x FROM txn t JOIN customer c ON t.customer_id = c.customer_id', ['x STRING NOT NULL']],
    ['SELECT c.segment AS x FROM txn t LEFT JOIN customer c ON t.customer_id = c.customer_id', ['x STRING']],
    ['SELECT t.fee AS x FROM txn t RIGHT JOIN customer c ON t.customer_id = c.customer_id', ['x DECIMAL(9,2)']],
    ['SELECT t.fee AS x, c.segment AS y FROM txn t FULL JOIN customer c ON t.customer_id = c.customer_id', ['x DECIMAL(9,2)', 'y STRING']], // biome-ignore format: a row
    ['SELECT fee AS x FROM txn LEFT SEMI JOIN fx ON txn.currency = fx.currency', ['x DECIMAL(9,2) NOT NULL']],
    ['SELECT fee AS x FROM txn UNION ALL SELECT amount FROM txn', ['x DECIMAL(18,4)']],
    ['SELECT qty AS x FROM txn UNION SELECT txn_id FROM txn', ['x BIGINT']],
    ['SELECT currency AS x FROM txn EXCEPT SELECT segment FROM customer', ['x STRING NOT NULL']],
    ['WITH a AS (SELECT sum(fee) AS s FROM txn) SELECT s + 1 AS x FROM a', ['x DECIMAL(20,2)']],
    ['SELECT * FROM fx', ['currency STRING NOT NULL', 'rate_date DATE NOT NULL', 'rate DECIMAL(18,8) NOT NULL']],
    ['SELECT * EXCEPT (rate) FROM fx', ['currency STRING NOT NULL', 'rate_date DATE NOT NULL']],
    ['SELECT fee * 2 AS d, d + 1 AS x FROM txn', ['d DECIMAL(11,2) NOT NULL', 'x DECIMAL(12,2) NOT NULL']],
  ])('%s', (sql, columns) => {
    expect(columnsOf(sql)).toEqual(columns);
  });
});

describe('a filter', () => {
  it.each([
    ['status IS NOT NULL', 'STRING NOT NULL'],
    ["status = 'A'", 'STRING NOT NULL'],
    ["status IN ('A') AND qty > 1", 'STRING NOT NULL'],
    ["(status LIKE 'A%')", 'STRING NOT NULL'],
    ["status = 'A' OR qty > 1", 'STRING'],
    ["NOT (status = 'A')", 'STRING'],
    ["coalesce(status, 'A') = 'A'", 'STRING'],
    ["status <=> 'A'", 'STRING'],
    ['status NOT IN (SELECT currency FROM fx)', 'STRING'],
  ])('%s leaves %s', (condition, type) => {
    expect(columnsOf(`SELECT status AS x FROM txn WHERE ${condition}`)).toEqual([`x ${type}`]);
  });
});

describe('the grain', () => {
  it.each([
    ['SELECT currency, count(*) AS n FROM txn GROUP BY currency', ['currency'], false],
    ["SELECT date_trunc('MONTH', txn_ts) AS m, sum(fee) AS s FROM txn GROUP BY 1", ['m'], false],
    ['SELECT upper(currency) AS c, count(*) AS n FROM txn GROUP BY c', ['c'], false],
    ['SELECT count(*) AS n FROM txn GROUP BY currency', [], true],
    ['SELECT count(*) AS n FROM txn', [], false],
    ['SELECT currency, count(*) AS n FROM txn GROUP BY ALL', ['currency'], false],
    ['SELECT DISTINCT currency, status FROM txn', ['currency', 'status'], false],
    ['SELECT currency AS c FROM txn UNION SELECT currency FROM fx', ['c'], false],
    ['SELECT currency FROM txn UNION ALL SELECT currency FROM fx', undefined, false],
    ['SELECT currency FROM txn', undefined, false],
  ])('of %s is %j', (sql, grain, hidden) => {
    const { facts } = boundCase(sql);
    expect([facts.grain, facts.hiddenGrain]).toEqual([grain, hidden]);
  });
});

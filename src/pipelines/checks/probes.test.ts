import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkConfig } from '../check-config.js';
import { readCatalog } from '../read-catalog.js';

const { catalog } = readCatalog(readFileSync('fixtures/pipelines/rules/catalog.yaml', 'utf8'));
if (catalog === undefined) throw new Error('the catalogue of the rules can not be read');
const known = catalog;

const CDC = (key: string): string => `cdc: {mode: latest, keys: [${key}], sequenceBy: [_ts], deletes: keep}`;
const config = (queries: readonly string[]): string => `apiVersion: pipelines/v1
kind: Pipeline
metadata:
  name: some_probe
  description: A query as somebody might write it
  owner: {team: payments, contact: c}
  classification: {level: restricted, regulated: none}
schedule: {cron: "0 4 * * *", timezone: UTC, maxRuntime: 60}
sources:
  - {id: txn, type: kafka, connection: kafka-core, topic: core.txn, schema: {version: 7}, ${CDC('txn_id')}}
  - {id: customers, type: kafka, connection: kafka-core, topic: core.customers, schema: {version: 3}, ${CDC('customer_id')}}
  - {id: fx, type: adls, connection: adls-raw, path: /mnt/raw/fx, schema: {version: 1}}
transformers:
${queries.map((sql, index) => `  - {id: t${index}, type: sql, inputs: [${inputsOf(sql)}], sql: ${JSON.stringify(sql)}}`).join('\n')}
sink:
  input: t${queries.length - 1}
  type: delta
  connection: adls-curated
  path: /mnt/curated/some_probe
  mode: overwrite
  columns: [{name: any_column, type: INT, nullable: true}]
dataQuality: [{id: rows, type: row_count, min: 1, onFail: fail}]
errorHandling: {onError: fail}
`;

const inputsOf = (sql: string): string =>
  ['txn', 'customers', 'fx', 't0', 't1'].filter((id) => new RegExp(`\\b${id}\\b`).test(sql)).join(', ');

/** What the probe's sink and its idle sources cause is no part of it. */
const ASIDE = new Set(['SNK003', 'CFG007', 'SBX002', 'DEC004']);

function fired(...queries: string[]): string[] {
  const { findings } = checkConfig(config(queries), { catalog: known, others: [], now: Date.UTC(2026, 10, 24) });
  return [...new Set(findings.map(({ rule }) => rule).filter((rule) => !ASIDE.has(rule)))].sort();
}

describe('a query that is right', () => {
  it.each([
    ['a star over a list of names', ['WITH x AS (SELECT txn_id, amount FROM txn) SELECT * FROM x']],
    ['a star over an earlier list', ['SELECT txn_id, amount FROM txn', 'SELECT * FROM t0']],
    ['a product is no star', ['SELECT txn_id, amount * 2 AS twice FROM txn']],
    [
      'no counterpart',
      ['SELECT t.txn_id FROM txn t LEFT JOIN customers c ON c.customer_id = t.customer_id WHERE c.customer_id IS NULL'],
    ],
    [
      'a default beside a LEFT JOIN',
      [
        "SELECT t.txn_id FROM txn t LEFT JOIN customers c ON c.customer_id = t.customer_id WHERE COALESCE(c.segment, 'NONE') = 'NONE'",
      ],
    ],
    [
      'a dimension by its key',
      [
        'SELECT c.segment, SUM(t.fee) AS fees FROM txn t JOIN customers c ON c.customer_id = t.customer_id GROUP BY c.segment',
      ],
    ],
    [
      'the many side is summed',
      [
        'SELECT c.customer_id, SUM(t.fee) AS fees FROM customers c JOIN txn t ON t.customer_id = c.customer_id GROUP BY c.customer_id',
      ],
    ],
    [
      'counted beside a dimension',
      [
        'SELECT c.segment, COUNT(*) AS n FROM txn t JOIN customers c ON c.customer_id = t.customer_id GROUP BY c.segment',
      ],
    ],
    [
      'converted by the rate of the day',
      [
        'SELECT t.customer_id, SUM(t.amount * r.rate) AS eur FROM txn t JOIN fx r ON r.currency = t.currency AND r.rate_date = CAST(t.txn_ts AS DATE) GROUP BY t.customer_id',
      ],
    ],
    [
      'one currency by CASE',
      [
        "SELECT customer_id, SUM(CASE WHEN currency = 'EUR' THEN amount ELSE 0 END) AS eur FROM txn GROUP BY customer_id",
      ],
    ],
    ['ranges that meet', ['SELECT txn_id FROM txn WHERE amount >= 10 AND amount <= 10']],
    ['either of two', ["SELECT txn_id FROM txn WHERE status = 'POSTED' OR status = 'PENDING'"]],
    [
      'a histogram',
      [
        'SELECT SUM(CASE WHEN amount BETWEEN 0 AND 4999 THEN 1 END) AS a, SUM(CASE WHEN amount BETWEEN 5000 AND 8999 THEN 1 END) AS b, SUM(CASE WHEN amount BETWEEN 9000 AND 9999.99 THEN 1 END) AS c FROM txn',
      ],
    ],
    [
      'names that only look alike',
      ["SELECT txn_id AS yaml_id, amount AS forward_amount FROM txn WHERE note = 'AML fraud sanctions'"],
    ],
    ['a comment', ['SELECT txn_id -- no fraud here, LIMIT 5\nFROM txn']],
    ['the end of a day left out', ["SELECT txn_id FROM txn WHERE txn_ts >= '2026-01-01' AND txn_ts < '2026-02-01'"]],
    ['ordered in an aggregate', ['SELECT customer_id, MAX(txn_ts) AS last_ts FROM txn GROUP BY customer_id']],
  ])('%s', (_name, queries) => {
    expect(fired(...queries)).toEqual([]);
  });
});

describe('a query that is wrong', () => {
  it.each([
    ['a star inside and outside', ['SELECT * FROM (SELECT * FROM txn) x'], ['SQL011']],
    ['a star before a star', ['SELECT * FROM txn', 'SELECT * FROM t0'], ['SQL011']],
    ['an inner LIMIT', ['SELECT txn_id FROM (SELECT txn_id FROM txn LIMIT 5) x'], ['SQL013']],
    ['an inner ORDER BY', ['SELECT txn_id FROM (SELECT txn_id FROM txn ORDER BY txn_ts) x'], ['SQL019']],
    ['always true', ['SELECT txn_id FROM txn WHERE 1 = 1'], ['SQL018']],
    ['always false', ['SELECT txn_id FROM txn WHERE txn_id IS NULL'], ['SQL018']],
    ['empty range', ['SELECT txn_id FROM txn WHERE amount > 10 AND amount < 5'], ['FLT004']],
    ['empty list', ["SELECT txn_id FROM txn WHERE status IN ('POSTED') AND status <> 'POSTED'"], ['FLT004']],
    ['BETWEEN upside down', ['SELECT txn_id FROM txn WHERE amount BETWEEN 10 AND 1'], ['FLT004']],
    [
      'the one side is summed',
      [
        'SELECT t.status, SUM(r.rate) AS x FROM txn t JOIN fx r ON r.currency = t.currency AND r.rate_date = CAST(t.txn_ts AS DATE) GROUP BY t.status',
      ],
      ['SQL017'],
    ],
    [
      'amounts of all currencies, in a second step',
      [
        'SELECT customer_id, amount, currency FROM txn',
        'SELECT customer_id, SUM(amount) AS total FROM t0 GROUP BY customer_id',
      ],
      ['MON001'],
    ],
    [
      'just below the threshold, in two halves',
      ['SELECT customer_id, COUNT(*) AS n FROM txn WHERE amount >= 9000 AND amount < 10000 GROUP BY customer_id'],
      ['REG001'],
    ],
    ['regulated by an alias', ['SELECT txn_id, amount AS fraudScore FROM txn'], ['REG002']],
    [
      'a self-join over time',
      ['SELECT a.txn_id FROM txn a JOIN txn b ON a.customer_id = b.customer_id AND a.txn_ts > b.txn_ts'],
      ['WIN003'],
    ],
    ['money rounded', ['SELECT txn_id, ROUND(amount, 2) AS amount FROM txn'], ['DEC005']],
  ])('%s', (_name, queries, rules) => {
    expect(fired(...queries)).toEqual(rules);
  });
});

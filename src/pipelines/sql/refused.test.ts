import { describe, expect, it } from 'vitest';
import { bindCase } from '../../../test/support/binder.js';

/** Forms that the binder knows and does not bind: they are refused by name. */
const REFUSED: readonly (readonly [what: string, sql: string])[] = [
  ['LATERAL VIEW', 'SELECT txn_id FROM txn LATERAL VIEW explode(tags) e AS tag'],
  ['PIVOT in FROM', "SELECT * FROM txn PIVOT (sum(qty) FOR status IN ('A'))"],
  ['VALUES in FROM', 'SELECT a FROM VALUES (1) AS v(a)'],
  ['TABLESAMPLE', 'SELECT txn_id FROM txn TABLESAMPLE (5 ROWS)'],
  ['a hint', 'SELECT /*+ BROADCAST(f) */ t.txn_id FROM txn t'],
  ['a column list in WITH', 'WITH c(x) AS (SELECT txn_id FROM txn) SELECT x FROM c'],
  ['a NATURAL JOIN', 'SELECT txn_id FROM txn NATURAL JOIN fx'],
  ['ROLLUP', 'SELECT currency, count(*) AS n FROM txn GROUP BY ROLLUP (currency)'],
  ['CUBE', 'SELECT currency, count(*) AS n FROM txn GROUP BY CUBE (currency)'],
  ['GROUPING SETS', 'SELECT currency FROM txn GROUP BY GROUPING SETS ((currency))'],
  ['INTERVAL', 'SELECT book_date + INTERVAL 1 DAY AS d FROM txn'],
  ['a LATERAL subquery', 'SELECT t.txn_id FROM txn t, LATERAL (SELECT t.qty AS x) l'],
  ['UNION after a subquery', 'SELECT txn_id FROM txn WHERE fee = (SELECT 1) UNION ALL SELECT 2'],
  ['INTERSECT beside UNION', 'SELECT currency FROM txn UNION SELECT segment FROM customer INTERSECT SELECT currency FROM fx'], // biome-ignore format: a row
  ['/ of decimals this wide', 'SELECT huge / huge AS x FROM txn'],
  ['datediff with a unit', 'SELECT datediff(DAY, book_date, book_date) AS x FROM txn'],
  ['first without an order', 'SELECT first(status) AS x FROM txn'],
  ['rounding to -1 digits', 'SELECT round(qty, -1) AS x FROM txn'],
  ['a cast to ARRAY', 'SELECT CAST(tags AS ARRAY<INT>) AS x FROM txn'],
];

describe('what the sandbox can not show', () => {
  it.each(REFUSED)('%s is for a person: no fault, and no SQL', (what, sql) => {
    const { bound, findings } = bindCase(sql);
    expect(findings.map(({ rule, message }) => `${rule} ${message}`)).toContainEqual(
      expect.stringContaining(`SBX002 ${what}`),
    );
    expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(bound?.duckdb).toBeUndefined();
  });

  it('says every unverified part as a finding', () => {
    const { bound, findings } = bindCase('SELECT soundex(status) AS a, initcap(status) AS b, uuid() AS c FROM txn');
    expect(bound?.unverified.map(({ what }) => what)).toEqual(['the function soundex', 'the function initcap']);
    expect(findings.map(({ rule }) => rule).sort()).toEqual(['SBX002', 'SBX002', 'SQL012']);
  });

  it('still checks what stands in a window and in the arguments of an unknown form', () => {
    const rules = bindCase('SELECT sum(amunt) OVER (PARTITION BY curency ORDER BY nope) AS x FROM txn').findings;
    expect(rules.map(({ rule }) => rule)).toEqual(['SQL001', 'SQL001', 'SQL001', 'WIN001']);
  });
});

import { describe, expect, it } from 'vitest';
import { bindCase, INPUTS } from '../../../test/support/binder.js';

const QUERIES = [
  "SELECT t.customer_id, date_trunc('MONTH', txn_ts) AS m, sum(amount) AS s, count(*) AS n FROM txn t WHERE status IN ('A', 'B') AND amount BETWEEN 0 AND 10.5 GROUP BY t.customer_id, date_trunc('MONTH', txn_ts) HAVING count(*) > 1 ORDER BY s DESC",
  "WITH a AS (SELECT customer_id AS k, CAST(amount AS DECIMAL(20,2)) AS v FROM txn), b AS (SELECT k, max(v) AS v FROM a GROUP BY 1) SELECT c.name, b.v / 3 AS x FROM b LEFT JOIN customer c ON b.k = c.customer_id AND c.segment <> 'x'",
  "SELECT CASE WHEN flag THEN 'yes' WHEN qty % 2 = 0 THEN NULL ELSE concat(status, '-', qty) END AS x, coalesce(fee, 0) * 1.19 AS y FROM txn WHERE NOT flag OR book_date >= DATE '2026-01-01'",
  'SELECT currency FROM txn UNION ALL (SELECT currency FROM fx WHERE rate > 1) EXCEPT SELECT segment FROM customer ORDER BY 1',
  'SELECT txn_id FROM txn WHERE customer_id IN (SELECT customer_id FROM customer WHERE EXISTS (SELECT 1 FROM fx f WHERE f.currency = txn.currency)) AND fee = (SELECT max(fee) FROM txn)',
  'SELECT txn_id, row_number() OVER (PARTITION BY customer_id ORDER BY txn_ts DESC) AS rn, sum(qty) OVER w FROM txn WINDOW w AS (PARTITION BY status)',
  'SELECT * EXCEPT (tags), `qty` AS `Menge 😀`, trim(BOTH FROM status), extract(YEAR FROM txn_ts), try_cast(account_code AS INT) FROM txn TABLESAMPLE (10 PERCENT) LIMIT 3',
  "SELECT id, w FROM raw LATERAL VIEW explode(split(op, ',')) e AS w PIVOT (count(*) FOR op IN (1, 2))",
];

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const TOKEN = /\s+|'[^']*'|`[^`]*`|\w+|./gu;

function mutated(query: string, random: () => number): string {
  const tokens = query.match(TOKEN) ?? [];
  const anywhere = (): number => Math.floor(random() * tokens.length);
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const [a, b, kind] = [anywhere(), anywhere(), Math.floor(random() * 4)];
    if (kind === 0) tokens.splice(a, 1);
    else if (kind === 1) [tokens[a], tokens[b]] = [tokens[b] ?? '', tokens[a] ?? ''];
    else if (kind === 2) tokens.splice(a, 0, tokens[b] ?? '');
    else
      tokens[a] =
        ['NULL', '(', ')', 'SELECT', '0', "'", '\x24{x}', '-- ', '.', 'constructor'][Math.floor(random() * 10)] ?? '';
  }
  return tokens.join('');
}

describe('a query that somebody broke', () => {
  it.each(QUERIES)('gives findings or a result, and never a crash: %s', (query) => {
    const random = seeded(query.length);
    const known = new Set(INPUTS.map(({ name }) => name));
    for (let run = 0; run < 625; run += 1) {
      const sql = mutated(query, random);
      const { bound, findings } = bindCase(sql);
      expect(bound !== undefined || findings.length > 0, sql).toBe(true);
      for (const { message, place } of findings) {
        expect(message, sql).not.toContain('\n');
        if (place !== undefined) expect(place.endColumn, sql).toBeLessThanOrEqual(sql.length + 1);
      }
      for (const { input } of bound?.facts.reads ?? []) expect(known.has(input), sql).toBe(true);
    }
  });
});

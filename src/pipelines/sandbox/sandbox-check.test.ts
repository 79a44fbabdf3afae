import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../adapters/sandbox/sandbox.js';
import { CATALOG, configOf, type Given } from '../../../test/support/sandbox-case.js';
import { compileSandboxProgram } from '../../../test/support/sandbox-program.js';
import type { Sandbox, SandboxOutcome } from '../../domain/sandbox.js';
import { type BoundConfig, bindConfig } from '../bind-config.js';
import { deadLetterPair } from '../dead-letter/pair.js';
import { INT } from '../sql/type.js';
import { type SandboxReport, sandboxCheck } from './sandbox-check.js';

let compiled: ReturnType<typeof compileSandboxProgram>;
let sandbox: Sandbox;
beforeAll(() => {
  compiled = compileSandboxProgram();
  sandbox = createSandbox({ program: compiled.program });
});
afterAll(async () => {
  await sandbox.close();
  compiled.remove();
});

async function tried(given: Given, change: (bound: BoundConfig) => void = () => undefined): Promise<SandboxReport> {
  const read = configOf(given);
  const bound = bindConfig(read, CATALOG);
  expect(bound.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  change(bound);
  return sandboxCheck(read, bound, sandbox, { today: '2026-03-10' });
}

const query = (sql: string, sources: string[] = ['txn']): Given => ({
  sources,
  transformers: [{ id: 'result', inputs: sources, sql }],
});
const told = ({ findings }: SandboxReport): string[] => findings.map(({ rule, message }) => `${rule} ${message}`);
const states = ({ tests }: SandboxReport): string[] => tests.map(({ name, state }) => `${state} ${name}`);

const MONTHLY =
  "SELECT customer_id, DATE_TRUNC('MONTH', txn_ts) AS txn_month, SUM(amount) AS total, COUNT(*) AS n FROM txn GROUP BY customer_id, DATE_TRUNC('MONTH', txn_ts)";

describe('a config in the sandbox', { timeout: 30_000 }, () => {
  it('that is sound passes its generated tests, and says on what rows', async () => {
    const report = await tried({
      ...query(MONTHLY),
      sink: {
        ...{ mode: 'merge', mergeKeys: ['customer_id', 'txn_month'] },
        columns: [{ name: 'customer_id', type: 'BIGINT', nullable: false }],
      },
      more: {
        dataQuality: [
          { id: 'keys', type: 'not_null', columns: ['customer_id', 'txn_month'], onFail: 'fail' },
          { id: 'grain', type: 'unique', columns: ['customer_id', 'txn_month'], onFail: 'fail' },
          { id: 'rows', type: 'row_count', min: 1, onFail: 'fail' },
          { id: 'sums', type: 'reconcile', expr: 'sum(total) = sum(txn.amount)', onFail: 'fail' },
        ],
      },
    });
    expect(told(report)).toEqual([]);
    expect(states(report)).toEqual([
      'passed types of result',
      'passed sink: columns that are not NULL',
      'passed sink: one row per merge key',
      'passed keys',
      'passed grain',
      'passed rows',
      'passed sums',
    ]);
    expect(report.seed).toBe(42);
    expect(report.output?.rowCount).toBeGreaterThan(3);
  });

  it('joins three tables by keys and days, and rows come out', async () => {
    const report = await tried(
      query(
        `SELECT t.txn_id, c.segment, t.amount * r.rate AS eur FROM txn t
         JOIN customers c ON c.customer_id = t.customer_id
         JOIN rates r ON r.currency = t.currency AND r.rate_date = CAST(t.txn_ts AS DATE)
         WHERE t.currency IN ('USD', 'GBP') AND c.segment = 'SME' AND t.txn_ts >= '2026-01-01' AND t.amount > 100`,
        ['txn', 'customers', 'rates'],
      ),
    );
    expect(told(report)).toEqual([]);
    expect(report.output?.rowCount).toBeGreaterThan(10);
  });

  it.each([
    [
      'filters that exclude each other',
      'SELECT txn_id FROM txn WHERE amount > 10 AND amount < 5',
      'TST002 result gave no row for txn',
    ],
    [
      'a division by a column that may be zero',
      'SELECT txn_id, 10 / amount AS share FROM txn',
      'TST001 the run of result failed: Invalid Input Error: DIVIDE_BY_ZERO',
    ],
    [
      'a branch behind a filter that lets nothing to it',
      "SELECT txn_id, CASE WHEN amount < 0 THEN 'back' ELSE 'out' END AS kind FROM txn WHERE amount > 0",
      'TST004 no generated row reached it: CASE amount < 0 is never true',
    ],
  ])('finds %s', async (_what, sql, message) => {
    const report = await tried(query(sql));
    expect(told(report).join('\n')).toContain(message);
    expect(report.findings.every(({ place }) => place !== undefined)).toBe(true);
  });

  it('finds keys that a join multiplies, by row and value', async () => {
    const sql = 'SELECT c.customer_id, c.segment FROM customers c JOIN contacts k ON k.customer_id = c.customer_id';
    const report = await tried({
      ...query(sql, ['customers', 'contacts']),
      sink: { mode: 'merge', mergeKeys: ['customer_id'] },
    });
    expect(told(report).join('\n')).toMatch(
      /TST003 test 'sink: one row per merge key': column customer_id, row \d+: expected a key of its own, got \d+ as in row \d+/,
    );
  });

  it('finds a NULL where the sink has none', async () => {
    const report = await tried({
      ...query('SELECT txn_id, currency FROM txn'),
      sink: { columns: [{ name: 'currency', type: 'STRING', nullable: false }] },
    });
    expect(told(report).join('\n')).toMatch(/TST003 .*column currency, row \d+: expected a value, got NULL/);
  });

  it('finds a type that was bound wrongly', async () => {
    const report = await tried(query(MONTHLY), ({ transformers }) => {
      const bound = transformers.get('result')?.bound;
      if (bound !== undefined) Object.assign(bound.columns[3] ?? {}, { type: INT });
    });
    expect(told(report)).toEqual(["TST003 test 'types of result': column n: expected INTEGER, got BIGINT"]);
  });

  it('judges values by the ordinary rows, and tells what odd ones do', async () => {
    const check = (values: string[]) => ({
      dataQuality: [{ id: 'known', type: 'accepted_values', columns: ['currency'], values, onFail: 'fail' }],
    });
    const sql = 'SELECT txn_id, currency FROM txn';
    const narrow = await tried({ ...query(sql), more: check(['EUR', 'USD']) });
    expect(told(narrow).join('\n')).toMatch(
      /TST003 test 'known': column currency, row \d+: expected one of EUR, USD, got GBP/,
    );
    const wide = await tried({ ...query(sql), more: check(['EUR', 'USD', 'GBP']) });
    expect(told(wide)).toEqual([]);
    expect(wide.tests.find(({ name }) => name === 'known')).toMatchObject({ state: 'noted' });
  });

  it('says once, and gives no tick, where the sandbox can not stand for Spark', async () => {
    const given = query('SELECT currency, collect_list(amount) AS amounts FROM txn GROUP BY currency');
    const report = await tried(given);
    const said = [...bindConfig(configOf(given), CATALOG).findings, ...report.findings];
    expect(said.map(({ rule, severity }) => [rule, severity])).toEqual([['SBX002', 'review']]);
    expect(states(report)).toEqual(['not_run run of result']);
  });
});

describe('tests of the config', { timeout: 30_000 }, () => {
  const given = {
    txn: [
      { txn_id: 1, customer_id: 7, txn_ts: '2026-01-31 23:59:59', amount: '1.5', currency: 'EUR', note: 'Ann' },
      { txn_id: 2, customer_id: 7, txn_ts: '2026-01-01', amount: 2, currency: 'EUR' },
    ],
  };
  const run = (expected: object, sql = MONTHLY, rows: object = given) =>
    tried({ ...query(sql), more: { tests: [{ name: 'january', given: rows, expect: expected }] } });

  it('pass whatever the order and the print of numbers', async () => {
    const report = await run({ rows: [{ customer_id: 7, txn_month: '2026-01-01', total: 3.5, n: 2 }] });
    expect(told(report)).toEqual([]);
    expect(states(report)).toContain('passed january');
  });

  it.each([
    [{ rows: [{ customer_id: 7, total: '3.4' }] }, 'column total, row 1: expected 3.4, got 3.5000'],
    [{ rows: [{ customer: 7 }] }, 'column customer, row 1: expected a column of this name'],
    [{ rowCount: 2 }, 'expected 2 rows, got 1 rows'],
    [{ columns: ['total_amount'] }, 'column total_amount: expected a column of this name'],
  ])('fail with the cell: %j', async (expected, message) => {
    expect(told(await run(expected)).join('\n')).toContain(`TST003 test 'january': ${message}`);
  });

  it('show no personal value', async () => {
    const report = await run({ rows: [{ txn_id: 1, note: 'Bea' }] }, 'SELECT txn_id, note FROM txn WHERE txn_id = 1');
    expect(told(report).join('\n')).toContain('expected *** (personal data), got *** (personal data)');
    expect(JSON.stringify([report.findings, report.tests])).not.toMatch(/Ann|Bea/);
  });

  it('name what does not exist, and rows that do not fit, without a word about the rest', async () => {
    expect(told(await run({}, MONTHLY, { txn: [{ txnid: 1 }] })).join('\n')).toContain(
      "column of txn 'txnid' does not exist",
    );
    expect(told(await run({}, MONTHLY, { trx: [] })).join('\n')).toContain("source 'trx' does not exist");
    const unfit = await run({}, MONTHLY, { txn: [{ txn_id: 'one' }] });
    expect(told(unfit).join('\n')).toContain("TST001 test 'january' could not be run: the rows of txn");
    expect(states(unfit)).toContain('passed types of result');
  });
});

describe('a dead letter', { timeout: 30_000 }, () => {
  const checks = [
    { reason: 'AMOUNT_NULL', expect: 'amount IS NOT NULL' },
    { reason: 'AMOUNT_NEGATIVE', expect: 'amount >= 0' },
    { reason: 'CURRENCY_INVALID', expect: "currency IN ('EUR', 'USD', 'GBP')" },
  ];
  const columns = ['txn_id', 'amount', 'currency'];
  const made = deadLetterPair({ source: 'txn', columns, checks, reasonColumn: 'error_reason' });
  const parted = (valid: string, rejected: string): Given => ({
    sources: ['txn'],
    transformers: [
      { id: 'rejected', inputs: ['txn'], role: 'deadLetter', sql: rejected },
      { id: 'valid', inputs: ['txn'], role: 'valid', sql: valid },
    ],
    more: {
      errorHandling: {
        onError: 'deadLetter',
        deadLetter: { input: 'rejected', type: 'delta', connection: 'dl', path: '/mnt/dl', checks },
      },
    },
  });

  it('made from its checks loses no row and fills every reason', async () => {
    const report = await tried(parted(made.valid, made.rejected));
    expect(told(report)).toEqual([]);
    expect(states(report)).toContain('passed dead letter: valid and rejected are the source');
  });

  it('that rejects what is wrong loses the rows that are NULL', async () => {
    const report = await tried(
      parted(
        'SELECT txn_id, amount, currency FROM txn WHERE amount >= 0',
        "SELECT txn_id, amount, currency, 'AMOUNT_NEGATIVE' AS error_reason FROM txn WHERE amount < 0",
      ),
    );
    expect(told(report).join('\n')).toMatch(/DLQ001 valid \d+ \+ rejected \d+ is not txn \d+/);
    expect(told(report).join('\n')).toContain('TST004 no generated row was rejected for CURRENCY_INVALID');
  });

  it('without a reason for each row is found', async () => {
    const rejected = made.rejected.replace("WHEN NOT COALESCE(amount >= 0, FALSE) THEN 'AMOUNT_NEGATIVE'", '');
    const report = await tried(parted(made.valid, rejected));
    expect(told(report).join('\n')).toMatch(/DLQ002 \d+ of \d+ rejected rows without a reason/);
  });
});

describe('a sandbox that does not answer', () => {
  it.each<[SandboxOutcome, string]>([
    [{ state: 'stopped', by: 'time', limit: 10 }, 'the sandbox stopped it after 10 s'],
    [{ state: 'stopped', by: 'memory', limit: 512 }, 'the sandbox stopped it after 512 MB'],
    [{ state: 'failed', text: 'the sandbox process ended (SIGSEGV) before it answered' }, 'SIGSEGV'],
    [{ state: 'busy', waiting: 20 }, '20 checks wait before it'],
  ])('is for review: %j', async (outcome, message) => {
    const read = configOf(query(MONTHLY));
    const deaf: Sandbox = { run: async () => outcome, close: async () => undefined };
    const report = await sandboxCheck(read, bindConfig(read, CATALOG), deaf);
    expect(report.findings.map(({ rule, severity }) => [rule, severity])).toEqual([['SBX001', 'review']]);
    expect(told(report)[0]).toContain(message);
  });
});

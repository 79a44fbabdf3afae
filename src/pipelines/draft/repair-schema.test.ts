import { describe, expect, it } from 'vitest';
import { PipelineCatalog } from '../catalog.js';
import { avroColumns } from './avro-columns.js';
import { repairSchema } from './repair-schema.js';
import { readSchemaFailure, versionAfter } from './schema-failure.js';

const TOPIC = 'oracle.CORE.TXN';
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });
const instant = (unit: string) => ({ type: 'long', logicalType: `timestamp-${unit}` });
const FIELDS: Record<string, unknown>[] = [
  { name: 'txn_id', type: 'long' },
  { name: 'cust_id', type: 'long' },
  { name: 'txn_time', type: instant('micros') },
  { name: 'amt', type: ['null', decimal(18, 4)], default: null },
  { name: 'ccy', type: { type: 'enum', name: 'Ccy', symbols: ['EUR', 'USD', 'XAU'] } },
  { name: 'note', type: ['null', 'string'], default: null },
];
const avro = (fields: readonly unknown[]) => ({ type: 'record', name: 'Txn', fields });

/** The same fields with one changed, taken out (undefined), or put behind. */
function fieldsWith(name: string, change: Record<string, unknown> | undefined): unknown[] {
  const known = FIELDS.some((field) => field['name'] === name);
  if (!known) return [...FIELDS, { name, ...change }];
  return FIELDS.flatMap((field) =>
    field['name'] !== name ? [field] : change === undefined ? [] : [{ ...field, ...change }],
  );
}

function version(number: number, fields: readonly unknown[]) {
  const { columns, faults } = avroColumns(avro(fields));
  expect(faults).toEqual([]);
  return { version: number, columns };
}

const catalog = PipelineCatalog.parse({
  connections: [{ name: 'core', type: 'kafka', read: ['*'] }],
  datasets: [
    {
      name: TOPIC,
      connection: 'core',
      changeStream: true,
      keys: ['txn_id'],
      sequenceBy: ['_ts'],
      versions: [{ version: 7, columns: [{ name: 'txn_id', type: 'BIGINT', nullable: false }] }],
    },
  ],
});

const CONFIG = `# owned by payments
apiVersion: pipelines/v1
kind: Pipeline
metadata:
  name: monthly_txn
  description: Monthly amount and count per customer
  owner: {team: payments-data, contact: "#payments-data"}
  classification: {level: confidential, regulated: none}
schedule: {cron: "0 4 * * *", timezone: UTC, maxRuntime: 60}
sources:
  - id: txn
    type: kafka
    connection: core
    topic: ${TOPIC}
    schema: {version: 7} # pinned on purpose
    cdc: {envelope: debezium, mode: latest, keys: [txn_id], sequenceBy: [_ts], deletes: apply}
transformers:
  - id: monthly
    type: sql
    inputs: [txn]
    sql: |
      SELECT cust_id, DATE_TRUNC('MONTH', txn_time) AS m, SUM(amt) AS total, COUNT(*) AS n -- per customer
      FROM txn t WHERE t.ccy = 'EUR'
      GROUP BY cust_id, DATE_TRUNC('MONTH', txn_time)
sink:
  input: monthly
  type: delta
  connection: lake
  path: /mnt/curated/monthly_txn
  mode: merge
  mergeKeys: [cust_id, m]
  columns:
    - {name: cust_id, type: BIGINT, nullable: false}
    - {name: m, type: TIMESTAMP, nullable: false}
    - {name: total, type: "DECIMAL(28,4)", nullable: true}
    - {name: n, type: BIGINT, nullable: false}
errorHandling: {onError: fail}
`;

const repair = (fields: readonly unknown[], renames?: Record<string, string>, text = CONFIG) =>
  repairSchema(
    text,
    { dataset: TOPIC, from: version(7, FIELDS), to: version(8, fields), ...(renames ? { renames } : {}) },
    catalog,
  );
const rules = (result: ReturnType<typeof repair>) => result.findings.map(({ rule }) => rule);

describe('repair after a change of schema', () => {
  it('edits a rename with an alias by its places, keeps comments and what the output is called', () => {
    const result = repair(fieldsWith('cust_id', { name: 'customer_id', aliases: ['cust_id'] }));
    expect(result.outcome).toBe('repaired');
    expect(result.text).toBe(
      CONFIG.replace('SELECT cust_id,', 'SELECT customer_id AS cust_id,')
        .replace('GROUP BY cust_id,', 'GROUP BY customer_id,')
        .replace('version: 7', 'version: 8'),
    );
  });

  it.each<[string, unknown[], 'repaired' | 'nothing' | 'ask', string[]]>([
    ['a rename with an alias', fieldsWith('cust_id', { name: 'customer_id', aliases: ['cust_id'] }), 'repaired', []],
    ['a rename of a qualified column', fieldsWith('ccy', { name: 'currency', aliases: ['ccy'] }), 'repaired', []],
    [
      'a new optional column',
      fieldsWith('segment', { type: ['null', 'string'], default: null }),
      'nothing',
      ['SCH002'],
    ],
    ['a column removed that nobody reads', fieldsWith('note', undefined), 'nothing', []],
    ['a rename without an alias', fieldsWith('cust_id', { name: 'customer_id' }), 'ask', ['SCH004']],
    ['an identifier from long to string', fieldsWith('cust_id', { type: 'string' }), 'ask', ['IDN001']],
    ['a wider decimal', fieldsWith('amt', { type: ['null', decimal(20, 4)] }), 'ask', ['SCH006']],
    ['a narrower decimal', fieldsWith('amt', { type: ['null', decimal(18, 2)] }), 'ask', ['SCH003']],
    ['a column removed that is read', fieldsWith('amt', undefined), 'ask', ['SCH004']],
    ['a timestamp as text', fieldsWith('txn_time', { type: 'string' }), 'ask', ['SCH003']],
  ])('%s', (_name, fields, outcome, expected) => {
    const result = repair(fields);
    expect([result.outcome, rules(result).filter((rule) => outcome !== 'ask' || expected.includes(rule))]).toEqual([
      outcome,
      expected,
    ]);
    expect(result.text !== undefined).toBe(outcome === 'repaired');
  });

  it('takes a person at their word for a rename', () => {
    const result = repair(fieldsWith('cust_id', { name: 'customer_id' }), { cust_id: 'customer_id' });
    expect(result.outcome).toBe('repaired');
    expect(result.text).toContain('customer_id AS cust_id');
  });

  it('offers new columns of the same type where a rename is not sure', () => {
    const [first] = repair(fieldsWith('cust_id', { name: 'customer_id' })).findings;
    expect(first?.suggestion).toContain('customer_id');
  });

  it('sees milliseconds become microseconds, which Avro itself does not', () => {
    expect(rules(repair(fieldsWith('txn_time', { type: instant('millis') })))).toEqual(['SCH003']);
  });

  it('says which literals are no longer values, and lets new values pass', () => {
    const symbols = (names: string[]) => fieldsWith('ccy', { type: { type: 'enum', name: 'Ccy', symbols: names } });
    expect(rules(repair(symbols(['USD', 'XAU'])))).toEqual(['SCH007', 'FLT001']);
    expect(repair(symbols(['EUR', 'USD', 'XAU', 'CHF'])).outcome).toBe('nothing');
    expect(rules(repair(symbols(['EUR', 'USD', 'XAU', 'CHF'])))).toEqual(['SCH007']);
  });

  it('names the merge key that may now be NULL', () => {
    expect(rules(repair(fieldsWith('cust_id', { type: ['null', 'long'] })))).toEqual(['SCH006', 'TYP007', 'SNK005']);
  });

  it('leaves a column of the same name of another query alone', () => {
    const text = CONFIG.replace(
      /SELECT cust_id[\s\S]*?(?=sink:)/,
      `WITH firsts AS (SELECT cust_id, MIN(txn_time) AS since FROM txn GROUP BY cust_id)
      SELECT f.cust_id, DATE_TRUNC('MONTH', t.txn_time) AS m, SUM(t.amt) AS total, COUNT(*) AS n
      FROM txn t JOIN firsts f ON f.cust_id = t.cust_id
      GROUP BY f.cust_id, DATE_TRUNC('MONTH', t.txn_time)
`,
    );
    const result = repair(fieldsWith('cust_id', { name: 'customer_id', aliases: ['cust_id'] }), undefined, text);
    expect(result.outcome).toBe('repaired');
    expect(result.text).toContain(
      'WITH firsts AS (SELECT customer_id AS cust_id, MIN(txn_time) AS since FROM txn GROUP BY customer_id)',
    );
    expect(result.text).toContain('ON f.cust_id = t.customer_id');
    expect(result.text).toContain('GROUP BY f.cust_id,');
  });

  it('renames keys of the change stream, and rows of tests', () => {
    const text = CONFIG.replace(
      'errorHandling:',
      'tests:\n  - {name: one, given: {txn: [{txn_id: 1, cust_id: 2}]}, expect: {rowCount: 1}}\nerrorHandling:',
    );
    const result = repair(fieldsWith('txn_id', { name: 'transaction_id', aliases: ['txn_id'] }), undefined, text);
    expect(result.outcome).toBe('repaired');
    expect(result.text).toContain('keys: [transaction_id]');
    expect(result.text).toContain('[{transaction_id: 1, cust_id: 2}]');
  });

  it('never edits a condition of quality unseen', () => {
    const text = CONFIG.replace(
      'errorHandling:',
      'dataQuality:\n  - {id: same, type: reconcile, expr: "sum(total) = sum(txn.amt)", onFail: fail}\nerrorHandling:',
    );
    const result = repair(fieldsWith('amt', { name: 'amount', aliases: ['amt'] }), undefined, text);
    expect([result.outcome, rules(result)]).toEqual(['ask', ['SCH004']]);
    expect(result.findings[0]?.path).toBe('dataQuality.0.expr');
  });
});

describe('a failure in words', () => {
  const from = version(7, fieldsWith('cust_id', { name: 'customer_id' }));
  const said =
    'SchemaMismatch: Expected customer_id (BIGINT), got customer_id (STRING). Also found new column customer_segment (STRING)';

  it('is read as what was expected, what came, and what is new', () => {
    expect(readSchemaFailure(said)).toEqual({
      expected: [{ name: 'customer_id', type: 'BIGINT' }],
      got: [{ name: 'customer_id', type: 'STRING' }],
      added: [{ name: 'customer_segment', type: 'STRING' }],
    });
    expect(readSchemaFailure('connection refused')).toBeUndefined();
  });

  it('asks about the identifier and never casts it', () => {
    const failure = readSchemaFailure(said);
    if (failure === undefined) throw new Error('not read');
    const text = CONFIG.replaceAll('cust_id', 'customer_id');
    const result = repairSchema(text, { dataset: TOPIC, from, to: versionAfter(from, failure) }, catalog);
    expect([result.outcome, rules(result), result.text]).toEqual(['ask', ['IDN001', 'SCH002'], undefined]);
  });
});

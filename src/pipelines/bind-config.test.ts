import { describe, expect, it } from 'vitest';
import { bindConfig } from './bind-config.js';
import { PipelineCatalog } from './catalog.js';
import type { Finding } from './finding.js';
import { printType } from './sql/type.js';
import { readConfig } from './structure.js';

const catalog = PipelineCatalog.parse({
  connections: [{ name: 'core', type: 'kafka', read: ['*'] }],
  datasets: [
    {
      name: 'oracle.CORE.TXN',
      connection: 'core',
      changeStream: true,
      keys: ['txn_id'],
      versions: [
        {
          version: 2,
          columns: [
            { name: 'txn_id', type: 'BIGINT', nullable: false, identifier: true },
            { name: 'holder', type: 'STRING', nullable: true, pii: true },
            { name: 'amount', type: 'DECIMAL(18,4)', nullable: true, money: 'amount' },
            { name: 'currency', type: 'STRING', nullable: false, money: 'currency', values: ['EUR', 'USD'] },
          ],
        },
        { version: 1, columns: [{ name: 'txn_id', type: 'BIGINT', nullable: false }] },
      ],
    },
  ],
});

const file = (transformers: string, source = 'schema: {version: 2}, cdc: {mode: latest, keys: [txn_id]}'): string =>
  `apiVersion: pipelines/v1
kind: Pipeline
metadata: {name: some_pipe, description: what it is good for, owner: {team: pay, contact: c}, classification: {level: internal, regulated: none}}
schedule: {cron: "0 1 * * *", timezone: UTC, maxRuntime: 30}
sources:
  - {id: txn, type: kafka, connection: core, topic: oracle.CORE.TXN, ${source}}
transformers:
${transformers}
sink: {input: out, type: delta, connection: lake, path: /mnt/x, mode: append, columns: [{name: a, type: INT, nullable: true}]}
errorHandling: {onError: fail}
`;

function bind(text: string) {
  const { read, findings } = readConfig(text);
  if (read === undefined) throw new Error(JSON.stringify(findings));
  return bindConfig(read, catalog);
}

const at = (text: string, { place }: Finding): string =>
  text
    .split('\n')
    [(place?.line ?? 0) - 1]?.slice(
      (place?.column ?? 0) - 1,
      place?.endLine === place?.line ? (place?.endColumn ?? 0) - 1 : undefined,
    ) ?? '';

const sql = (id: string, inputs: string, query: string): string =>
  `  - {id: ${id}, type: sql, inputs: [${inputs}], sql: "${query}"}`;

describe('binding a config', () => {
  it('gives each query the columns of its source, and the next one those of the query before', () => {
    const { findings, transformers, sourceTables } = bind(
      file(
        [
          sql('kept', 'txn', 'SELECT txn_id AS id, amount, currency, UPPER(holder) AS who FROM txn WHERE amount > 0'),
          sql('out', 'kept', 'SELECT currency, SUM(amount) AS total, COUNT(who) AS n FROM kept GROUP BY currency'),
        ].join('\n'),
      ),
    );
    expect(findings).toEqual([]);
    expect(sourceTables.get('txn')?.table).toMatchObject({ keys: ['txn_id'], rawChanges: false });
    const kept = transformers.get('kept')?.table;
    expect(kept?.keys).toEqual(['id']);
    expect(kept?.columns.map(({ type: _type, ...column }) => column)).toEqual([
      { name: 'id', nullable: false, identifier: true },
      { name: 'amount', nullable: expect.any(Boolean), money: 'amount' },
      { name: 'currency', nullable: false, values: ['EUR', 'USD'], money: 'currency' },
      { name: 'who', nullable: true, pii: true },
    ]);
    const out = transformers.get('out');
    expect(out?.table.keys).toEqual(['currency']);
    expect(out?.bound?.columns.map(({ type }) => printType(type))).toEqual(['STRING', 'DECIMAL(28,4)', 'BIGINT']);
    expect(out?.table.columns.map(({ pii, money }) => [pii, money])).toEqual([
      [undefined, 'currency'],
      [undefined, 'amount'],
      [undefined, undefined],
    ]);
  });

  it('places a fault in the lines of the file', () => {
    const text = file(`  - id: out
    type: sql
    inputs: [txn]
    sql: |
      SELECT txn_id,
             amuont
      FROM txn`);
    const { findings } = bind(text);
    expect(findings).toMatchObject([{ rule: 'SQL001', path: 'transformers.0.sql', place: { line: 13, column: 14 } }]);
    expect(findings.map((each) => at(text, each))).toEqual(['amuont']);
  });

  it('says what is wrong in the syntax of a query even where its inputs are not known', () => {
    const text = file(sql('out', 'txn', 'SELECT FROM WHERE'), 'schema: {version: 9}');
    const { findings, transformers, sourceTables } = bind(text);
    expect(findings.map(({ rule }) => rule)).toEqual(['SQL000']);
    expect([transformers.size, sourceTables.size]).toEqual([0, 0]);
    expect(bind(file(sql('out', 'txn', 'SELECT nothing FROM txn'), 'schema: {version: 9}')).findings).toEqual([]);
  });

  it('takes the newest version where none is pinned, and the pinned one where one is', () => {
    const names = (source: string) =>
      bind(file(sql('out', 'txn', 'SELECT txn_id FROM txn'), source)).sourceTables.get('txn')?.table;
    expect(names('cdc: {mode: latest}')?.columns).toHaveLength(4);
    expect(names('schema: {version: 1}')?.columns).toHaveLength(1);
  });

  it('knows a stream of changes until its rows are gathered', () => {
    const { transformers, sourceTables } = bind(
      file(
        [
          sql('kept', 'txn', 'SELECT txn_id, currency, _op FROM txn'),
          sql('out', 'kept', 'SELECT currency, COUNT(*) AS n FROM kept GROUP BY currency'),
        ].join('\n'),
        'cdc: {mode: changelog}',
      ),
    );
    expect(sourceTables.get('txn')?.table).toMatchObject({ rawChanges: true, keys: [] });
    expect(transformers.get('kept')?.table).toMatchObject({ rawChanges: true, keys: [] });
    expect(transformers.get('out')?.table).toMatchObject({ rawChanges: false, keys: ['currency'] });
  });

  it('takes what Scala declares, and says a type that Spark does not have', () => {
    const scala = (type: string): string =>
      `  - {id: geo, type: scala, inputs: [txn], class: com.bank.Geo, artifact: "com.bank:geo:1.0.0", output: [{name: a, type: "${type}", nullable: true}]}`;
    const query = sql('out', 'geo', 'SELECT a FROM geo');
    expect(bind(file(`${scala('INT')}\n${query}`)).transformers.get('out')?.table.columns).toMatchObject([
      { name: 'a' },
    ]);
    const text = file(`${scala('INTT')}\n${query}`);
    const { findings, transformers } = bind(text);
    expect(findings).toMatchObject([{ rule: 'TYP004', path: 'transformers.0.output.0.type' }]);
    expect(findings.map((each) => at(text, each))).toEqual(['"INTT"']);
    expect(transformers.size).toBe(0);
  });
});

import type { PipelineCatalog } from '../../src/pipelines/catalog.js';
import { type ReadConfig, readConfig } from '../../src/pipelines/structure.js';

const column = (name: string, type: string, nullable = false, more: object = {}) => ({ name, type, nullable, ...more });
const dataset = (name: string, keys: string[], columns: ReturnType<typeof column>[]) => ({
  ...{ name, aliases: [], connection: 'kafka-core', keys, sequenceBy: [], changeStream: false, partitions: [] },
  ...{ level: 'internal' as const, regulated: 'none', versions: [{ version: 1, columns }] },
});

/** Four small datasets: transactions, customers, rates by day, and contacts of customers. */
export const CATALOG: PipelineCatalog = {
  connections: [],
  riskAndCompliance: [],
  datasets: [
    dataset(
      'txn',
      ['txn_id'],
      [
        column('txn_id', 'BIGINT', false, { identifier: true }),
        column('customer_id', 'BIGINT', false, { identifier: true }),
        column('txn_ts', 'TIMESTAMP'),
        column('amount', 'DECIMAL(18,4)', true),
        column('currency', 'STRING', true, { values: ['EUR', 'USD', 'GBP'] }),
        column('note', 'STRING', true, { pii: true }),
      ],
    ),
    dataset(
      'customers',
      ['customer_id'],
      [
        column('customer_id', 'BIGINT', false, { identifier: true }),
        column('segment', 'STRING', true, { values: ['RETAIL', 'SME'] }),
      ],
    ),
    dataset(
      'rates',
      ['currency', 'rate_date'],
      [
        column('currency', 'STRING', false, { values: ['EUR', 'USD', 'GBP'] }),
        column('rate_date', 'DATE'),
        column('rate', 'DECIMAL(18,8)'),
      ],
    ),
    dataset(
      'contacts',
      ['contact_id'],
      [
        column('contact_id', 'BIGINT', false, { identifier: true }),
        column('customer_id', 'BIGINT', false, { identifier: true }),
      ],
    ),
  ],
};

/** What a pipeline to try out is made of. */
export interface Given {
  sources: string[];
  transformers: { id: string; inputs: string[]; sql: string; role?: string }[];
  sink?: object;
  more?: object;
}

/** A config over the datasets above, each as a source of its own name. */
export function configOf({ sources, transformers, sink, more }: Given): ReadConfig {
  const text = JSON.stringify({
    apiVersion: 'pipelines/v1',
    kind: 'Pipeline',
    metadata: {
      ...{ name: 'tried_out', description: 'A pipeline to try out', owner: { team: 'payments', contact: '#payments' } },
      classification: { level: 'internal', regulated: 'none' },
    },
    schedule: { cron: '0 4 * * *', timezone: 'UTC', maxRuntime: 60 },
    sources: sources.map((id) => ({ id, type: 'kafka', connection: 'kafka-core', topic: id })),
    transformers: transformers.map((each) => ({ type: 'sql', ...each })),
    sink: {
      ...{ input: transformers.at(-1)?.id, type: 'delta', connection: 'adls', path: '/mnt/out', mode: 'overwrite' },
      columns: [{ name: 'any', type: 'BIGINT', nullable: true }],
      ...sink,
    },
    errorHandling: { onError: 'fail' },
    ...more,
  });
  const { read, findings } = readConfig(text);
  if (read === undefined) throw new Error(JSON.stringify(findings));
  return read;
}

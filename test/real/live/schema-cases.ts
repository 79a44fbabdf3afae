import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveCase } from './case.js';
import { columnsOf, freshTable } from './tables.js';
import { askTrino } from './trino.js';
import type { World } from './world.js';

/** Failures about the shape of data. */
export const unresolvedColumn: LiveCase = {
  name: 'unresolved-column',
  title: 'A Spark job asks for a column that the owner of the table renamed',
  dag: 'card_payments',
  async prepare() {
    const columns = 'payment_id varchar, amount bigint, merchant_subcategory varchar';
    await freshTable('bronze.card_payments', columns, "WITH (column_mapping_mode = 'NAME')");
    await askTrino("INSERT INTO lake.bronze.card_payments VALUES ('p1', 120, 'grocery'), ('p2', 80, 'fuel')");
  },
  async breakIt() {
    await askTrino('ALTER TABLE lake.bronze.card_payments RENAME COLUMN merchant_subcategory TO merchant_sub_category');
  },
  expected: {
    category: 'schema_drift',
    change: 'column_renamed',
    entity: 'delta:bronze.card_payments',
    plan: ['schema_evolution', 'retry'],
  },
  async healed() {
    const columns = await columnsOf('bronze.card_payments');
    if (!columns.includes('merchant_subcategory')) throw new Error(`the table has ${columns.join(', ')}`);
    return `Trino says that bronze.card_payments has the columns ${columns.join(', ')}.`;
  },
};

export const schemaMismatch: LiveCase = {
  name: 'delta-schema-mismatch',
  title: 'The source delivers a new column and Delta refuses the append',
  dag: 'clickstream',
  async prepare(world) {
    await freshTable('bronze.events', 'at varchar, event_id varchar, page varchar');
    deliverEvents(world, { at: '2026-11-23T01:00:00Z', event_id: 'e1', page: '/' });
    await forgetSubject(world, 'web.events');
    await registerEvents(world, []);
  },
  async breakIt(world) {
    await registerEvents(world, [{ name: 'channel', type: ['null', 'string'], default: null }]);
    deliverEvents(world, { at: '2026-11-23T02:00:00Z', channel: 'app', event_id: 'e2', page: '/cart' });
  },
  expected: {
    category: 'schema_drift',
    change: 'column_added',
    entity: 'registry:web.events',
    plan: ['schema_evolution', 'retry'],
  },
  async healed() {
    const rows = await askTrino('SELECT event_id, channel FROM lake.bronze.events ORDER BY event_id');
    if (JSON.stringify(rows) !== '[["e1",null],["e2","app"]]')
      throw new Error(`the table holds ${JSON.stringify(rows)}`);
    return 'Trino reads both deliveries from bronze.events, each once, the second with its channel.';
  },
};

function deliverEvents(world: World, event: Record<string, string>): void {
  const folder = join(world.landing, 'events/newest');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'part-0.json'), `${JSON.stringify(event)}\n`);
}

/** The registry deletes a subject for good only after it was deleted softly. */
async function forgetSubject(world: World, name: string): Promise<void> {
  const subject = `${world.registry}/subjects/${name}`;
  await fetch(subject, { method: 'DELETE' });
  await fetch(`${subject}?permanent=true`, { method: 'DELETE' });
}

async function registerEvents(world: World, more: object[]): Promise<void> {
  const plain = ['at', 'event_id', 'page'].map((name) => ({ name, type: 'string' }));
  const schema = JSON.stringify({ type: 'record', name: 'Event', namespace: 'web', fields: [...plain, ...more] });
  const response = await fetch(`${world.registry}/subjects/web.events/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema, schemaType: 'AVRO' }),
  });
  if (!response.ok) throw new Error(`the registry answered ${response.status}: ${await response.text()}`);
}

export const trinoMissingColumn: LiveCase = {
  name: 'trino-missing-column',
  title: 'A query asks for a column that the owner of the table dropped',
  dag: 'settlements',
  async prepare() {
    const columns = 'settlement_id bigint, amount bigint, fee_class varchar';
    await freshTable('silver.settlements', columns, "WITH (column_mapping_mode = 'NAME')");
    await askTrino("INSERT INTO lake.silver.settlements VALUES (1, 900, 'A'), (2, 40, 'C')");
  },
  async breakIt() {
    await askTrino('ALTER TABLE lake.silver.settlements DROP COLUMN fee_class');
  },
  expected: {
    category: 'schema_drift',
    change: 'column_dropped',
    entity: 'delta:silver.settlements',
    plan: ['schema_evolution', 'retry'],
  },
  async healed() {
    const rows = await askTrino('SELECT settlement_id, fee_class FROM lake.gold.settlement_fees ORDER BY 1');
    if (JSON.stringify(rows) !== '[[1,null],[2,null]]') throw new Error(`the fees hold ${JSON.stringify(rows)}`);
    return 'Trino reads both settlements from gold.settlement_fees; their fee class is empty until its owner fills it.';
  },
};

export const incompatibleSchema: LiveCase = {
  name: 'incompatible-schema',
  title: 'The registry refuses a contract that old readers could not read',
  dag: 'orders_contract',
  async prepare(world) {
    await forgetSubject(world, 'shop.orders');
  },
  async breakIt(world) {
    await world.commitConfig(
      'pipelines/orders_contract.yaml',
      (text) => text.replace('orders-v2', 'orders-v3'),
      'Orders: publish the contract with the sales channel',
    );
  },
  expected: {
    category: 'config_regression',
    change: 'value_changed',
    entity: 'registry:config/orders_contract.schema_file',
    plan: ['config_rollback', 'retry'],
  },
  async healed(world) {
    const text = await world.configText('pipelines/orders_contract.yaml');
    if (!text.includes('schemas/orders-v2.avsc')) throw new Error(text);
    const versions = await (await fetch(`${world.registry}/subjects/shop.orders/versions`)).json();
    return `The main branch names orders-v2 again, and the registry holds the versions ${JSON.stringify(versions)} of shop.orders.`;
  },
};

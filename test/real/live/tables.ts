import { join } from 'node:path';
import { runToEnd } from '../processes.js';
import { askTrino } from './trino.js';
import type { World } from './world.js';

/** Runs delta-rs: another writer than Spark and Trino. It leaves at once: its threads now and then abort an interpreter that takes its time to end. */
export async function deltaRs(world: World, script: string): Promise<string> {
  return runToEnd({
    program: world.python,
    args: ['-c', `${script}\nimport os, sys\nsys.stdout.flush()\nos._exit(0)`],
  });
}

export async function freshTable(name: string, columns: string, more = ''): Promise<void> {
  await askTrino(`DROP TABLE IF EXISTS lake.${name}`);
  await askTrino(`CREATE TABLE lake.${name} (${columns}) ${more}`);
}

export const columnsOf = async (table: string): Promise<string[]> =>
  (await askTrino(`SHOW COLUMNS FROM lake.${table}`)).map(([name]) => String(name));

export async function deltaRows(world: World, table: string): Promise<number> {
  const script = `from deltalake import DeltaTable; print(DeltaTable(${JSON.stringify(join(world.lake, table))}).to_pyarrow_table().num_rows)`;
  return Number(await deltaRs(world, script));
}

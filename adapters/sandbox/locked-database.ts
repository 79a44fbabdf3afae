import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api';

/** The last of them locks the rest. */
const LOCKS = [
  'SET enable_external_access=false',
  'SET autoinstall_known_extensions=false',
  'SET autoload_known_extensions=false',
  'SET allow_community_extensions=false',
  "SET TimeZone='UTC'",
  "SET default_null_order='NULLS_FIRST_ON_ASC_LAST_ON_DESC'",
  'SET lock_configuration=true',
];

/** A database in memory without files, network, extensions or a way to change that; the caller closes it. */
export async function openLocked(memoryMb: number): Promise<{ connection: DuckDBConnection; close(): void }> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${memoryMb}MB`,
    max_temp_directory_size: '0KB',
  });
  const connection = await instance.connect();
  for (const lock of LOCKS) await connection.run(lock);
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/**
 * Refuses all but one SELECT. The locks leave PRAGMA, SET VARIABLE and CALL open, and PRAGMA is read as a SELECT by the time its
 * type is known; so the first word counts as well. @throws Error in our own words.
 */
export async function mustBeOneQuery(connection: DuckDBConnection, sql: string): Promise<void> {
  if (!/^\s*(?:SELECT|WITH|\()/i.test(sql)) throw new Error('only queries run in the sandbox');
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw new Error(`${statements.count} statements where one query is run`);
  const prepared = await statements.prepare(0);
  const { statementType } = prepared;
  prepared.destroySync();
  if (statementType !== StatementType.SELECT) throw new Error('only queries run in the sandbox');
}

import type { HttpClient } from '../../src/domain/platform-ports.js';
import { NOTHING, type WriteRight } from '../../src/domain/rights.js';
import { runStatement } from './statement.js';

const MOST_TABLES = 5;

export interface TrinoRightsDeps {
  http: HttpClient;
  user: string;
  catalog: string;
  /** `schema.table` each; Trino looks at rights only where there is a table, so the first that exists is asked about. */
  tables: readonly string[];
}

/**
 * Whether this user may alter the table: asked by changing the type of a column that no table has, which can not come true. Measured on
 * 476: this statement looks at rights first and at the column then; RENAME COLUMN does the reverse and tells nothing.
 */
export async function mayWrite(deps: TrinoRightsDeps): Promise<WriteRight> {
  const session = { user: deps.user, catalog: deps.catalog, schema: undefined };
  for (const table of deps.tables.slice(0, MOST_TABLES)) {
    const name = [deps.catalog, ...table.split('.')].map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
    const sql = `ALTER TABLE ${name} ALTER COLUMN "${NOTHING}" SET DATA TYPE bigint`;
    const result = await runStatement(deps.http, sql, session, AbortSignal.timeout(20_000));
    const refused = 'refused' in result ? result.refused : 'nothing at all';
    if (refused === 'PERMISSION_DENIED') return { may: 'refused', words: 'may not alter tables' };
    if (refused === 'COLUMN_NOT_FOUND') return { may: 'allowed', words: 'may alter tables' };
    if (!/^(TABLE|SCHEMA)_NOT_FOUND$/.test(refused))
      return { may: 'unknown', words: `answered the question about rights with ${refused}` };
  }
  return { may: 'unknown', words: 'no table of the inventory is there to ask about' };
}

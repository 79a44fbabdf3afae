import { AppError } from '../../src/domain/errors.js';
import type { HttpClient, TableWriter } from '../../src/domain/platform-ports.js';
import { renderTableChange } from './sql.js';
import { runChange } from './statement.js';

export interface TrinoTableWriterDeps {
  http: HttpClient;
  /** A user that may alter tables. */
  user: string;
  /** The Delta catalog; a change of a table in any other is refused. */
  catalog: string;
  /** After this the statement is cancelled and its outcome is unknown. */
  deadlineMs?: number;
}

/** Alters Delta tables through Trino. Sent once; `timeout` or `unavailable` means that the table must be read to know. */
export function createTrinoTableWriter(deps: TrinoTableWriterDeps): TableWriter {
  const render: TableWriter['render'] = (change) => renderTableChange(deps.catalog, change);
  return {
    render,
    async alter(change) {
      const session = { user: deps.user, catalog: deps.catalog, schema: undefined };
      try {
        const { queryId } = await runChange(
          deps.http,
          render(change),
          session,
          AbortSignal.timeout(deps.deadlineMs ?? 120_000),
        );
        return { queryId };
      } catch (thrown) {
        if (thrown instanceof AppError && thrown.kind === 'conflict') {
          // Delta's optimistic commit lost: nothing was written, and the table is no longer the one that was approved.
          throw new AppError('conflict', { retryable: false, safeText: thrown.safeText, cause: thrown });
        }
        throw thrown;
      }
    },
  };
}

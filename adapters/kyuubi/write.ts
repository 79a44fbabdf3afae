import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type { HttpAnswer, HttpClient, TableWriter } from '../../src/domain/platform-ports.js';
import { renderTableChange } from './sql.js';

export interface KyuubiTableWriterDeps {
  /** Carries basic authentication of a user who may alter tables. */
  http: HttpClient;
  /** Starting an engine takes a minute at times, so the deadline is for statement and start together. */
  deadlineMs?: number;
  pollMs?: number;
  sleep?: (ms: number) => Promise<void>;
  now?: () => number;
}

const Handle = z.looseObject({ identifier: z.string().min(1) });
const Event = z.looseObject({ state: z.string() });
const json = { 'content-type': 'application/json' };
const FAILED: ReadonlySet<string> = new Set(['ERROR', 'CANCELED', 'CLOSED', 'TIMEOUT']);

/**
 * Alters Delta tables in Spark SQL: one session, one statement, session closed. The statement is sent once; `timeout` means that
 * the table must be read to know.
 */
export function createKyuubiTableWriter(deps: KyuubiTableWriterDeps): TableWriter {
  const sleep = deps.sleep ?? ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const now = deps.now ?? Date.now;

  const post = (path: string, body: unknown): Promise<HttpAnswer> =>
    deps.http.request({ method: 'POST', path, headers: json, body: JSON.stringify(body) });

  async function finished(operation: string): Promise<void> {
    const until = now() + (deps.deadlineMs ?? 180_000);
    while (now() < until) {
      const path = `/api/v1/operations/${encodeURIComponent(operation)}/event`;
      // Kyuubi answers almost every error with 404, so not even that says that the statement did not run.
      const { state } = await readOutcome('Kyuubi', async () =>
        readJson('Kyuubi', await deps.http.request({ method: 'GET', path }), Event),
      );
      const short = state.replace(/_STATE$/, '');
      if (short === 'FINISHED') return;
      if (FAILED.has(short)) {
        throw new AppError('invalid_input', { safeText: `Spark SQL ended the statement in state ${short}.` });
      }
      await sleep(deps.pollMs ?? 500);
    }
    throw new AppError('timeout', {
      safeText: 'Spark SQL did not finish in time; whether the change was made is not known.',
    });
  }

  return {
    render: renderTableChange,
    async alter(change) {
      const statement = renderTableChange(change);
      const opened = await post('/api/v1/sessions', { configs: { 'kyuubi.session.name': 'countersign' } });
      const session = readJson('Kyuubi', opened, Handle).identifier;
      const sessionPath = `/api/v1/sessions/${encodeURIComponent(session)}`;
      try {
        const sent = await post(`${sessionPath}/operations/statement`, { statement, runAsync: true });
        const queryId = await readOutcome('Kyuubi', () => readJson('Kyuubi', sent, Handle).identifier);
        await finished(queryId);
        return { queryId };
      } finally {
        // An open session holds an engine; one that can not be closed now is closed by Kyuubi's idle time-out.
        await deps.http.request({ method: 'DELETE', path: sessionPath }).catch(() => undefined);
      }
    },
  };
}

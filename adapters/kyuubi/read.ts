import { z } from 'zod';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient, KyuubiReader } from '../../src/domain/platform-ports.js';

const text = z.string().nullish();
const Operations = z.array(
  z.looseObject({
    identifier: z.string(),
    statement: text,
    state: text,
    createTime: z.number().nullish(),
    exception: text,
    sessionUser: text,
  }),
);

/**
 * Reads Kyuubi's admin view. The client carries basic authentication of a user in the server's administrators list; operations
 * that were closed are gone, so an empty answer says nothing about the past.
 */
export function createKyuubiReader(deps: { http: HttpClient }): KyuubiReader {
  return {
    async operations(match, signal) {
      const answer = await deps.http.request({ method: 'GET', path: '/api/v1/admin/operations', signal });
      const wanted = match.toLowerCase();
      return readJson('Kyuubi', answer, Operations)
        .map((operation) => ({
          id: operation.identifier,
          statement: operation.statement ?? '',
          state: (operation.state ?? 'UNKNOWN').replace(/_STATE$/, ''),
          user: operation.sessionUser ?? '',
          createdAt: operation.createTime ? new Date(operation.createTime).toISOString() : '',
          exception: operation.exception || undefined,
        }))
        .filter(({ id, user, statement }) => [id, user, statement].some((at) => at.toLowerCase().includes(wanted)))
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    },
  };
}

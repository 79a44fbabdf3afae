import type { HttpClient } from '../../src/domain/platform-ports.js';
import { NOTHING, type WriteRight } from '../../src/domain/rights.js';

/** Whether this login may register schemas: asked with a text that is no schema, so that it is never registered. */
export async function mayWrite(deps: { http: HttpClient }): Promise<WriteRight> {
  const answer = await deps.http.request({
    method: 'POST',
    path: `/subjects/${NOTHING}/versions`,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: NOTHING }),
    accept: [400, 401, 403, 404, 405, 409, 422],
  });
  if (answer.status === 403 || answer.status === 405 || answer.status === 401)
    return { may: 'refused', words: 'may not register schemas' };
  return answer.status === 422 || answer.status === 400
    ? { may: 'allowed', words: 'may register schemas' }
    : { may: 'unknown', words: `answered the question about rights with status ${answer.status}` };
}

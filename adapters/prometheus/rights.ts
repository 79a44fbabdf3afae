import { z } from 'zod';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient } from '../../src/domain/platform-ports.js';
import type { WriteRight } from '../../src/domain/rights.js';

const Flags = z.looseObject({ data: z.record(z.string(), z.string()) });
/** Switches that let whoever may ask also change; Prometheus has no rights by login. */
const WRITES: Record<string, string> = {
  'web.enable-admin-api': 'delete series',
  'web.enable-lifecycle': 'reload and stop the server',
  'web.enable-remote-write-receiver': 'write series',
  'web.enable-otlp-receiver': 'write series',
};

/** What Prometheus was started with: its own flags say whether anything can be changed over HTTP. Only read. */
export async function mayWrite(deps: { http: HttpClient }): Promise<WriteRight> {
  const answer = await deps.http.request({ method: 'GET', path: '/api/v1/status/flags', accept: [400, 403, 404, 405] });
  if (answer.status !== 200) return { may: 'unknown', words: 'does not tell what it was started with' };
  const { data } = readJson('Prometheus', answer, Flags);
  const open = Object.entries(WRITES).flatMap(([flag, what]) => (data[flag] === 'true' ? [`${what} (--${flag})`] : []));
  return open.length === 0
    ? { may: 'refused', words: 'nothing can be changed over HTTP' }
    : { may: 'allowed', words: `whoever reaches it may ${open.join(', ')}` };
}

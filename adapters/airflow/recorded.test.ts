import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createAirflowReader } from './read.js';

let server: ScriptedServer;
afterEach(() => server.close());

/** What an Airflow 3.3.2 really answered; where from and when stands in each file. */
const recorded = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'recorded', `${name}.json`), 'utf8')) as Record<string, unknown>;

async function readerOf(log: string, events?: string) {
  server = await startScriptedServer(({ path }) => {
    if (path === '/auth/token') return { status: 201, json: { access_token: 'a.b.c' } };
    if (path.includes('/logs/')) return { json: recorded(log) };
    if (path.includes('/eventLogs'))
      return events === undefined ? { status: 500, json: { detail: 'down' } } : { json: recorded(events) };
    return { json: recorded('task-instances') };
  });
  return createAirflowReader({ http: server.client(), user: 'viewer', password: 'x', version: '3' });
}
const logOf = async (log: string, events?: string, task = 'load'): Promise<string[]> =>
  ((await (await readerOf(log, events)).taskLog('cs_orders', 'r', task, 1, 20_000)) ?? '').split('\n');

describe('what Airflow 3.3 really answered', () => {
  it('a failed task: the exception, where it was raised, its cause; no plumbing', async () => {
    const lines = await logOf('log-failed');
    const at = lines.findIndex((line) => line.endsWith('ERROR Task failed with exception'));
    expect(lines.slice(at + 1, at + 5)).toEqual([
      'ValueError: column merchant_subcategory is not in the file',
      expect.stringMatching(/^ {2}at \S+cs_orders\.py:\d+ in load$/),
      "Caused by: KeyError: 'merchant_subcategory'",
      expect.stringMatching(/^ {2}at \S+cs_orders\.py:\d+ in load$/),
    ]);
  });

  it('the same log: nothing of groups, paths it was read from, or the names every line repeats', async () => {
    const text = (await logOf('log-failed')).join('\n');
    expect(text).not.toMatch(/::(end)?group::|attempt=2\.log|ti_id=|run_id=/);
    expect(server.requests.filter(({ path }) => path.includes('/eventLogs'))).toEqual([]);
  });

  it('a killed process: its signal', async () => {
    expect((await logOf('log-killed', 'events-lost')).join('\n')).toMatch(
      /CRITICAL Process terminated by signal\. Likely out of memory.* signal=-9 signal_name=SIGKILL/,
    );
  });

  it('a lost machine: only the event log tells', async () => {
    const lines = await logOf('log-lost', 'events-lost');
    expect(lines.at(-2)).toMatch(/ EVENT heartbeat timeout: Task did not emit heartbeat within time limit/);
    expect(lines.at(-1)).toMatch(/ EVENT state mismatch: Executor LocalExecutor/);
    expect(lines.slice(0, -2).join('\n')).not.toMatch(/ERROR|heartbeat/);
  });

  it('a task that a person ended: the server’s reason, and who it was', async () => {
    const text = (await logOf('log-stopped', 'events-stopped')).join('\n');
    expect(text).toContain('"current_state":"failed"');
    expect(text).toContain('EVENT patch_task_instance by admin: {"new_state": "failed", "method": "PATCH"}');
    expect(text).not.toContain('EVENT running');
  });

  it('an event log that can not be read takes nothing from the log', async () => {
    const lines = await logOf('log-lost');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.at(-1)).toBe("[Airflow's event log could not be read.]");
  });

  it('task instances: a mapped task, one that was skipped, one that never began', async () => {
    const tasks = await (await readerOf('log-failed')).tasks('cs_orders', 'r');
    const brief = tasks.map(({ task, mapIndex, state, tryNumber }) => [task, mapIndex, state, tryNumber]);
    expect(brief).toContainEqual(['load', -1, 'failed', 2]);
    expect(brief).toContainEqual(['publish', -1, 'upstream_failed', 0]);
    expect(brief).toContainEqual(['audit', -1, 'skipped', 1]);
    expect(brief).toContainEqual(['part', 1, 'failed', 1]);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLocalConfig } from '../../src/config.js';
import { percentile } from '../../src/evaluate/statistics.js';
import { type LocalStack, startLocal } from '../../src/roles/local.js';

export interface StackBench {
  alertToFirstThoughtMs: { n: number; p50: number; p95: number; max: number };
  rssMbAtRest: Record<string, number>;
}

const REST_MS = 10_000;

/** The whole house as processes: alert accepted to the first thought on the page's event stream, and memory at rest. */
export async function benchStack(incidents = 40): Promise<StackBench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const config = { ...readLocalConfig(), redisUrl: undefined, dataDir, webPort: 0, logLevel: 'error' };
  const stack = await startLocal({ config, print: () => undefined });
  try {
    const times: number[] = [];
    for (let n = 0; n < incidents; n += 1) {
      times.push(await firstThought(stack, n));
      await idle(stack);
    }
    await new Promise((rest) => setTimeout(rest, REST_MS));
    const rss = Object.entries(stack.pids()).map(([name, pid]) => [name, rssMb(pid)] as const);
    return {
      alertToFirstThoughtMs: {
        n: times.length,
        p50: percentile(times, 0.5),
        p95: percentile(times, 0.95),
        max: Math.max(...times),
      },
      rssMbAtRest: Object.fromEntries(rss),
    };
  } finally {
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** One alert at a time: what is measured is the way to the first thought, not the queue of a storm. */
async function idle(stack: LocalStack): Promise<void> {
  while ((await stack.client.list()).some((one) => one.status === 'investigating')) {
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Milliseconds from the 202 of intake to the event with the first trace line on the thread's own stream. */
async function firstThought(stack: LocalStack, n: number): Promise<number> {
  const at = new Date().toISOString();
  const payload = {
    fingerprint: `bench-${n}-${at}`,
    started_at: at,
    title: `service bench-${n} failed`,
    text: 'bench',
    subject: { service: `bench-${n}` },
  };
  const { accepted } = await stack.client.alert('generic', payload);
  const accept = performance.now();
  const incident = accepted[0]?.incident;
  if (incident === undefined) throw new Error('the alert opened no incident');
  const page = await fetch(new URL(`/incidents/${incident}`, stack.url));
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const html = await page.text();
  if (hasThought(html)) return performance.now() - accept;
  const stream = /sse-connect="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  if (stream === undefined) throw new Error('the thread page names no stream');
  const abort = new AbortController();
  const events = await fetch(new URL(stream, stack.url), { headers: { cookie }, signal: abort.signal });
  let seen = '';
  const reader = events.body?.getReader();
  while (reader !== undefined && !hasThought(seen)) {
    const { done, value } = await reader.read();
    if (done) throw new Error('the stream ended before the first thought');
    seen += Buffer.from(value).toString();
  }
  const elapsed = performance.now() - accept;
  abort.abort();
  return elapsed;
}

function hasThought(html: string): boolean {
  return (
    html.includes('airflow_dag_status') ||
    html.includes('spark_job_logs') ||
    html.includes('git_blame') ||
    html.includes('metric_query')
  );
}

function rssMb(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf } from '../up.js';
import { writeConfig } from './config.js';

/** Points the running Alertmanager at an intake, e.g. `http://127.0.0.1:4580/intake/alertmanager`, with its bearer token. */
export async function pointTo(url: string, token: string): Promise<void> {
  const { state, ...server } = await alertmanager();
  writeConfig(state, url, token);
  process.kill(Number(readFileSync(join(state, 'alertmanager.pid'), 'utf8')), 'SIGHUP');
  const deadline = Date.now() + 10_000;
  while (!(await loadedConfig(server)).includes(url)) {
    if (Date.now() > deadline) throw new Error('Alertmanager did not take the new receiver.');
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** What Alertmanager holds now, as its API tells it. */
export async function alerts(): Promise<
  { labels: Record<string, string>; fingerprint: string; startsAt: string; status: { state: string } }[]
> {
  const server = await alertmanager();
  return (await fetch(`${server.url}/api/v2/alerts`, { headers: login(server) })).json() as never;
}

interface Server {
  url: string;
  user: string;
  password: string;
}

async function alertmanager(): Promise<Server & { state: string }> {
  return (await addressOf('alertmanager')) as Record<string, string> as unknown as Server & { state: string };
}

function login({ user, password }: Server): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

async function loadedConfig(server: Server): Promise<string> {
  const answer = await fetch(`${server.url}/api/v2/status`, { headers: login(server) });
  return ((await answer.json()) as { config: { original: string } }).config.original;
}

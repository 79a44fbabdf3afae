import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf } from '../up.js';

/** An alerting rule as Prometheus' rule files hold it; `for` like `2s`. */
export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Adds one group of rules under a name of the caller's; an empty list takes the group away. Takes effect at once. */
export async function writeRules(name: string, rules: readonly AlertRule[]): Promise<void> {
  const { state = '' } = await addressOf('prometheus');
  const file = join(state, 'rules', `${name}.yml`);
  // JSON is YAML.
  if (rules.length === 0) rmSync(file, { force: true });
  else writeFileSync(file, JSON.stringify({ groups: [{ name, rules }] }));
  await reload((groups) => groups.includes(name) === rules.length > 0);
}

/** Adds one group of targets to scrape under a name of the caller's; an empty list takes it away. Seen within two seconds. */
export async function writeTargets(
  name: string,
  targets: readonly { address: string; labels?: Record<string, string> }[],
): Promise<void> {
  const { state = '' } = await addressOf('prometheus');
  const groups = targets.map(({ address, labels }) => ({ targets: [address], ...(labels ? { labels } : {}) }));
  const file = join(state, 'targets', `${name}.json`);
  if (groups.length === 0) rmSync(file, { force: true });
  else {
    // Moved when it is whole: Prometheus reads a file as soon as it changes.
    writeFileSync(`${file}.new`, JSON.stringify(groups));
    renameSync(`${file}.new`, file);
  }
}

/** The lifecycle endpoints are off, so that the reader's login has nothing to call; the owner of the process sends the signal. */
async function reload(done: (groups: string[]) => boolean): Promise<void> {
  const { url, user, password, state = '' } = await addressOf('prometheus');
  process.kill(Number(readFileSync(join(state, 'prometheus.pid'), 'utf8')), 'SIGHUP');
  const headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await fetch(`${url}/api/v1/rules`, { headers });
    const { data } = (await answer.json()) as { data: { groups: { name: string }[] } };
    if (done(data.groups.map((group) => group.name))) return;
    if (Date.now() > deadline) throw new Error('Prometheus did not take the new rules; its log says why.');
    await new Promise((wait) => setTimeout(wait, 100));
  }
}

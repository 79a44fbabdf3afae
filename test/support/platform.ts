import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseScenario } from '../../fixtures/platform/scenario.js';
import { type PlatformOptions, type RunningPlatform, startServers } from '../../fixtures/platform/servers/start.js';

const ROOT = resolve(import.meta.dirname, '../..');

export interface TestPlatform extends Omit<RunningPlatform, 'stop'> {
  /** Calls the control server; JSON in, JSON out. */
  control<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
  /** Stops every server and removes the folder when it was made here. */
  stop(): Promise<void>;
}

/** The simulated platform in this process. `scenario` is a file, or a name such as `s01`. Time stands still unless a factor is given. */
export async function startPlatform(scenario: string, options: Partial<PlatformOptions> = {}): Promise<TestPlatform> {
  const file = scenario.endsWith('.yaml') ? resolve(scenario) : join(ROOT, `fixtures/scenarios/${scenario}.yaml`);
  return startPlatformOf(readFileSync(file, 'utf8'), options);
}

/** The same from the text of a scenario. */
export async function startPlatformOf(yaml: string, options: Partial<PlatformOptions> = {}): Promise<TestPlatform> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'platform-'));
  const running = await startServers(parseScenario(yaml), { timeFactor: 0, ...options, dir });
  return {
    ...running,
    async control<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
      const response = await fetch(new URL(path, running.addresses.control), {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      });
      if (!response.ok) throw new Error(`control ${path} answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as T;
    },
    async stop() {
      await running.stop();
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
    },
  };
}

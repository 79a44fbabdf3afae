import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SYSTEMS, systemOf } from './catalogue.js';
import { placeOf } from './place.js';
import { alone, anyAlive, endProcess, lastLines } from './processes.js';
import type { Place, RealSystem } from './system.js';

const POLL_MS = 500;

/**
 * Brings up the named systems and what they need, one after another; a system that is up is left alone.
 * @returns the names of those that were started now.
 */
export async function up(names: readonly string[], say: (line: string) => void): Promise<string[]> {
  const started: string[] = [];
  for (const system of withNeeds(names)) {
    const seconds = await upOne(system);
    if (seconds > 0) started.push(system.name);
    const version = await system.version(placeOf(system.name));
    say(`${system.name.padEnd(14)} ${(version ?? '').padEnd(16)} ${seconds === 0 ? 'was up' : `up in ${seconds} s`}`);
    for (const [key, value] of Object.entries(system.address(placeOf(system.name))))
      say(`${' '.repeat(15)}${key} ${withoutSecrets(key, value)}`);
  }
  return started;
}

function withNeeds(names: readonly string[]): RealSystem[] {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const system = systemOf(name);
    system.needs.forEach(want);
    wanted.add(name);
  };
  names.forEach(want);
  return SYSTEMS.filter(({ name }) => wanted.has(name));
}

/** Logins are kept in the system's state folder; a terminal's scrollback is no place for them. */
function withoutSecrets(key: string, value: string): string {
  if (/password|token|secret|key$/i.test(key)) return '(kept in the state folder)';
  return value.replace(/(:\/\/[^:/@]+):[^@/]+@/, '$1:…@');
}

/** @returns seconds it took; 0 when it was up. */
async function upOne(system: RealSystem): Promise<number> {
  const place = placeOf(system.name);
  if ((await versionOf(system, place)) !== undefined) return 0;
  const began = Date.now();
  await alone(`install-${system.name}`, () => system.install(place));
  // On two cores, servers that start side by side make each other time out.
  await alone('start', async () => {
    if ((await versionOf(system, place)) === undefined) await startOne(system, place);
  });
  return Math.max(1, Math.round((Date.now() - began) / 1000));
}

async function startOne(system: RealSystem, place: Place): Promise<void> {
  await system.start(place);
  const deadline = Date.now() + system.startsWithinMs;
  while ((await versionOf(system, place)) === undefined) {
    if (Date.now() > deadline || !anyAlive(place)) {
      throw new Error(`${system.name} did not become ready in ${system.startsWithinMs / 1000} s:\n${logsOf(place)}`);
    }
    await sleep(POLL_MS);
  }
}

/** A server that refuses the connection is not ready; that is no fault. */
function versionOf(system: RealSystem, place: Place): Promise<string | undefined> {
  return system.version(place).catch(() => undefined);
}

function logsOf(place: Place): string {
  const logs = existsSync(place.state) ? readdirSync(place.state).filter((name) => name.endsWith('.log')) : [];
  return logs.map((name) => `--- ${name}\n${lastLines(readFileSync(join(place.state, name), 'utf8'), 25)}`).join('\n');
}

/** Ends the named systems and removes what they kept; the programs stay in the cache. */
export async function down(names: readonly string[], say: (line: string) => void): Promise<void> {
  for (const system of [...SYSTEMS].reverse().filter(({ name }) => names.includes(name))) {
    const place = placeOf(system.name);
    const started = readdirSync(place.state).filter((name) => name.endsWith('.pid'));
    for (const file of started) await endProcess(place, file.slice(0, -'.pid'.length));
    rmSync(place.state, { recursive: true, force: true, maxRetries: 5 });
    say(`${system.name.padEnd(14)} ${started.length === 0 ? 'was not up' : 'ended'}`);
  }
}

/** Addresses and logins of a running system. @throws Error with the command that starts it when it is not up. */
export async function addressOf(name: string): Promise<Record<string, string> & { version: string }> {
  const system = systemOf(name);
  const place = placeOf(name);
  const version = await versionOf(system, place);
  if (version === undefined) throw new Error(`${name} is not up: npm run real -- up ${name}`);
  return { ...system.address(place), version };
}

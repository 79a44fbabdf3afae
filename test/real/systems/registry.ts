import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { debianPackages } from '../debian.js';
import { javaHome, unpacked } from '../java.js';
import { startProcess } from '../processes.js';
import { secretIn } from '../secret.js';
import type { Place, RealSystem } from '../system.js';

const COORDINATES = 'io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all';
const [PORT, MANAGEMENT_PORT, FRONT_PORT] = [18185, 18285, 18195];
const API = '/apis/ccompat/v7';
const NGINX = '/usr/sbin/nginx';

/** Apicurio with its data in memory, and before it nginx with two logins: one that reads and one that registers. */
export const registry: RealSystem = {
  name: 'registry',
  title: 'Apicurio Registry (Confluent API v7)',
  truth: 'real',
  ci: true,
  needs: [],
  startsWithinMs: 120_000,
  async install(place) {
    await unpacked(place, COORDINATES);
    await debianPackages({ nginx: 'nginx' });
  },
  async start(place) {
    const folder = await unpacked(place, COORDINATES);
    startProcess(place, {
      name: 'apicurio',
      program: join(javaHome(21), 'bin/java'),
      args: ['-Xmx384m', ...settings(), '-jar', 'quarkus-run.jar'],
      cwd: folder,
    });
    startProcess(place, { name: 'nginx', program: NGINX, args: ['-p', place.state, '-c', frontConfiguration(place)] });
  },
  async version(place) {
    const { reader, readerPassword, url } = this.address(place);
    const authorization = `Basic ${Buffer.from(`${reader}:${readerPassword}`).toString('base64')}`;
    const level = await askJson<{ compatibilityLevel: string }>(`${url}/config`, { authorization });
    if (level?.compatibilityLevel !== 'BACKWARD') return undefined;
    return (await askJson<{ version: string }>(`http://127.0.0.1:${PORT}/apis/registry/v3/system/info`))?.version;
  },
  address(place) {
    const { reader, repairer } = secrets(place);
    return {
      url: `http://127.0.0.1:${FRONT_PORT}${API}`,
      reader: 'countersign-reader',
      readerPassword: reader,
      repairer: 'countersign-repairer',
      repairerPassword: repairer,
      direct: `http://127.0.0.1:${PORT}${API}`,
    };
  },
};

/** Apicurio checks nothing unless told to; BACKWARD is what Confluent starts with. */
function settings(): string[] {
  return [
    `-Dquarkus.http.port=${PORT}`,
    '-Dquarkus.http.host=127.0.0.1',
    `-Dquarkus.management.port=${MANAGEMENT_PORT}`,
    '-Dquarkus.management.host=127.0.0.1',
    '-Dapicurio.rules.global.compatibility=BACKWARD',
  ];
}

function secrets(place: Place): { reader: string; repairer: string } {
  return { reader: secretIn(place.state, 'reader-password'), repairer: secretIn(place.state, 'repairer-password') };
}

function frontConfiguration(place: Place): string {
  const logins = Object.entries(secrets(place)).map(([name, password]) => `countersign-${name}:${hashed(password)}`);
  writeFileSync(join(place.state, 'logins'), `${logins.join('\n')}\n`, { mode: 0o600 });
  const user = userInfo().username;
  const values: Record<string, string> = {
    USER: user,
    GROUP: user,
    STATE: place.state,
    PORT: String(PORT),
    FRONT_PORT: String(FRONT_PORT),
  };
  const template = readFileSync(join(place.root, 'test/real/registry/front.conf'), 'utf8');
  const file = join(place.state, 'nginx.conf');
  writeFileSync(
    file,
    template.replace(/@([A-Z_]+)@/g, (_, name: string) => values[name] ?? ''),
  );
  return file;
}

/** Salted SHA-1, the strongest form nginx checks itself; enough for passwords of 192 random bits. */
function hashed(password: string): string {
  const salt = randomBytes(8);
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}

async function askJson<T>(url: string, headers: Record<string, string> = {}): Promise<T | undefined> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(5_000) });
  return response.ok ? ((await response.json()) as T) : undefined;
}

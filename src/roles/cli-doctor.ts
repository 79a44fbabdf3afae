import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../domain/errors.js';
import { EXIT, type Output, table } from './cli-output.js';
import type { DoctorLine } from './role-process.js';

const ROLES = ['web', 'investigator', 'repairer', 'sealer'] as const;

/**
 * `doctor`: each role examines its own connections in its own process, so that no process sees another's credentials.
 * `role` alone uses this environment; otherwise the environments of the one-machine start are used.
 */
export async function examineAll(
  dataDir: string,
  role: string | undefined,
  output: Output,
  json: boolean,
): Promise<number> {
  const roles = role === undefined ? ROLES : ROLES.filter((known) => known === role);
  const lines = (
    await Promise.all(
      roles.map((one) => examineRole(one, role === undefined ? environmentOf(dataDir, one) : process.env)),
    )
  ).flat();
  if (json) output.json(lines);
  else
    for (const row of table(lines.map((line) => [line.ok ? 'ok' : 'FAIL', line.role, line.check, line.detail])))
      output.line(row);
  return lines.length > 0 && lines.every((line) => line.ok) ? EXIT.good : EXIT.failure;
}

function environmentOf(dataDir: string, role: string): NodeJS.ProcessEnv {
  const file = join(dataDir, 'env', `${role}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as NodeJS.ProcessEnv;
  throw new AppError('misconfigured', {
    safeText: `No ${file}: start once with npm start, or examine one role with --role and its environment.`,
  });
}

function examineRole(role: string, env: NodeJS.ProcessEnv): Promise<DoctorLine[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`./${role}.js`, import.meta.url)), '--doctor'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => {
    child.once('exit', () => {
      const lines = out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as DoctorLine);
      const words = err
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('{'))
        .join(' ');
      resolve(
        lines.length > 0
          ? lines
          : [{ role, check: 'configuration', ok: false, detail: words || 'the role could not be started' }],
      );
    });
  });
}

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { AppError } from '../domain/errors.js';

export interface KubernetesLoginConfig {
  KUBERNETES_TOKEN: string;
  KUBERNETES_TOKEN_FILE?: string | undefined;
  KUBERNETES_CA?: string | undefined;
}

/** A projected token is renewed well before it expires; the file is asked again at least this often. */
const KEPT_MS = 60_000;

/** How the Kubernetes client proves who it is and whom it trusts. @throws AppError `misconfigured` when the authority's file can not be read. */
export function kubernetesLogin(
  config: KubernetesLoginConfig,
  now: () => number = Date.now,
): { headers: () => Promise<Record<string, string>>; ca?: string } {
  const { KUBERNETES_TOKEN: token, KUBERNETES_TOKEN_FILE: file, KUBERNETES_CA: ca } = config;
  const tokenNow = file === undefined ? async () => token : tokenOf(file, now);
  return {
    headers: async () => ({ authorization: `Bearer ${await tokenNow()}` }),
    ...(ca === undefined ? {} : { ca: authorityOf(ca) }),
  };
}

function tokenOf(file: string, now: () => number): () => Promise<string> {
  let kept: { token: string; until: number } | undefined;
  return async () => {
    if (kept !== undefined && now() < kept.until) return kept.token;
    const token = (await readFile(file, 'utf8').catch(() => '')).trim();
    if (token === '') throw unreadable('KUBERNETES_TOKEN_FILE');
    kept = { token, until: now() + KEPT_MS };
    return token;
  };
}

function authorityOf(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  } catch {
    // Told below, without the path: it is configuration of this machine.
  }
  throw unreadable('KUBERNETES_CA');
}

function unreadable(variable: string): AppError {
  return new AppError('misconfigured', {
    field: variable,
    safeText: `The file that ${variable} names can not be used.`,
  });
}

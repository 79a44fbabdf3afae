import { createHash } from 'node:crypto';
import { AppError } from '../../src/domain/errors.js';
import { sameText } from './session.js';

/**
 * Who may look and decide. `open`: this machine only, people name themselves, and the page says so. `tokens`: everybody signs in
 * with a named token.
 */
export type Access =
  | { mode: 'open'; people: readonly string[] }
  | { mode: 'tokens'; tokens: Readonly<Record<string, string>> };

const SHORTEST_TOKEN = 20;
const LOOPBACK_HOSTS = new Set(['127.0.0.1', '::1', 'localhost']);

export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOSTS.has(host);
}

/**
 * Open only on loopback and only while no tokens are set. @throws AppError `misconfigured` when the page would be reachable from
 * elsewhere without sign-in, or a token is too short to be a secret.
 */
export function chooseAccess(options: {
  host: string;
  tokens: Record<string, string> | undefined;
  people: readonly string[];
}): Access {
  const { host, tokens, people } = options;
  if (tokens === undefined) {
    if (isLoopbackHost(host)) return { mode: 'open', people };
    throw new AppError('misconfigured', {
      field: 'COUNTERSIGN_WEB_TOKENS',
      safeText: `The page can be reached from elsewhere (host ${host}), so COUNTERSIGN_WEB_TOKENS must name who may sign in.`,
    });
  }
  if (Object.keys(tokens).some((token) => token.length < SHORTEST_TOKEN)) {
    throw new AppError('misconfigured', {
      field: 'COUNTERSIGN_WEB_TOKENS',
      safeText: `Each token in COUNTERSIGN_WEB_TOKENS must have at least ${SHORTEST_TOKEN} characters.`,
    });
  }
  return { mode: 'tokens', tokens };
}

/** A name for a token that does not give it away. */
export function tokenName(token: string): string {
  return createHash('sha256').update(`token:${token}`).digest('hex').slice(0, 24);
}

/** Whose token this is. Every token is compared, whichever fits, so that the time says nothing. */
export function personOfToken(tokens: Readonly<Record<string, string>>, given: string): string | undefined {
  let found: string | undefined;
  for (const [token, person] of Object.entries(tokens)) {
    if (sameText(token, given)) found = person;
  }
  return found;
}

/** Counts wrong sign-ins by address; in this process, as it only slows guessing down. */
export interface SignInLimiter {
  /** Seconds to wait, or 0 when another try is allowed. */
  waitSeconds(address: string, now: Date): number;
  failed(address: string, now: Date): void;
}

const WINDOW_MS = 5 * 60_000;
const TRIES_PER_ADDRESS = 8;
const TRIES_IN_ALL = 200;
const ADDRESSES_KEPT = 10_000;

export function createSignInLimiter(): SignInLimiter {
  const failures = new Map<string, number[]>();
  const recent = (address: string, now: number): number[] =>
    (failures.get(address) ?? []).filter((at) => now - at < WINDOW_MS);
  const ALL = '*';
  return {
    waitSeconds(address, now) {
      const waits = [
        { tries: recent(address, now.getTime()), most: TRIES_PER_ADDRESS },
        { tries: recent(ALL, now.getTime()), most: TRIES_IN_ALL },
      ].map(({ tries, most }) => (tries.length < most ? 0 : WINDOW_MS - (now.getTime() - (tries.at(-most) ?? 0))));
      return Math.ceil(Math.max(...waits) / 1000);
    },
    failed(address, now) {
      for (const key of [address, ALL]) {
        const kept = [...recent(key, now.getTime()), now.getTime()].slice(-TRIES_IN_ALL);
        failures.delete(key);
        failures.set(key, kept);
      }
      // The oldest addresses go first, so that many addresses can not fill the memory.
      for (const key of failures.keys()) {
        if (failures.size <= ADDRESSES_KEPT) break;
        if (key !== ALL) failures.delete(key);
      }
    },
  };
}

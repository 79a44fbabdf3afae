import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IncidentSummary, Thread } from '../domain/card.js';
import type { ClickAnswer, Verdict } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';

/** What a running one-machine Countersign leaves in its data folder, so that other commands find it. */
export interface LocalState {
  url: string;
  intakeToken: string;
  vkey: string;
  pid: number;
}

/** The web role as the command line talks to it: the same gate, the same projections as the page. */
export interface LocalClient {
  list(): Promise<IncidentSummary[]>;
  thread(incident: string): Promise<Thread>;
  decide(
    incident: string,
    click: {
      digest: string;
      verdict: Verdict;
      as: string;
      words: string;
      clickId: string;
      values?: Record<string, string>;
    },
  ): Promise<ClickAnswer>;
  alert(source: string, payload: unknown): Promise<{ accepted: { incident?: string; outcome: string }[] }>;
}

export function readLocalState(dataDir: string): LocalState {
  const path = join(dataDir, 'state.json');
  if (!existsSync(path)) {
    throw new AppError('unavailable', {
      safeText: `No Countersign runs with the data folder ${dataDir}. Start one with: npm start`,
    });
  }
  return JSON.parse(readFileSync(path, 'utf8')) as LocalState;
}

export function createLocalClient(state: Pick<LocalState, 'url' | 'intakeToken'>): LocalClient {
  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> => {
    const response = await send(new URL(path, state.url), method, body, headers);
    const answer = (await response.json().catch(() => ({}))) as { detail?: string };
    // A refused click is an answer, not a failure: the gate's words are in the body.
    if (response.ok || 'outcome' in answer) return answer as T;
    throw new AppError(response.status === 404 ? 'not_found' : 'unexpected_answer', {
      safeText: answer.detail ?? `The web role answered ${response.status}.`,
    });
  };
  return {
    list: async () => (await call<{ incidents: IncidentSummary[] }>('GET', '/api/incidents')).incidents,
    thread: (incident) => call('GET', `/api/incidents/${encodeURIComponent(incident)}`),
    decide: (incident, click) => call('POST', `/api/incidents/${encodeURIComponent(incident)}/decisions`, click),
    alert: (source, payload) =>
      call('POST', `/intake/${source}`, payload, { authorization: `Bearer ${state.intakeToken}` }),
  };
}

async function send(url: URL, method: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
  } catch (cause) {
    throw new AppError('unavailable', {
      safeText: `The web role at ${url.origin} does not answer. Is it running? Start it with: npm start`,
      cause,
    });
  }
}

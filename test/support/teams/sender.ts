import type { Core, Json } from './core.js';
import type { InvokeName, RecordedDelivery } from './server-types.js';

export interface Sent {
  status: number | undefined;
  text: string;
  ms: number;
  outcome: RecordedDelivery['outcome'];
}

/** Signs and hands one activity to the bot, and waits for the whole answer, no longer than `deadlineMs` of the server's clock. */
export async function handOver(core: Core, activity: Json, deadlineMs: number): Promise<Sent> {
  const began = core.clock.now();
  const token = await core.login.sign(core.serviceUrl());
  const sent = await post(core, activity, { authorization: `Bearer ${token}` }, deadlineMs);
  return { ...sent, ms: core.clock.now() - began };
}

/** With these headers, whoever they are of. */
export async function post(
  core: Core,
  activity: Json,
  headers: Record<string, string>,
  deadlineMs: number,
): Promise<Omit<Sent, 'ms'>> {
  if (core.endpoint === undefined) throw new Error('the simulated Teams does not know where the bot listens');
  if (core.faults.isDown()) return { status: undefined, text: '', outcome: 'connection_failed' };
  const late = new AbortController();
  const cancel = core.clock.after(deadlineMs, () => late.abort());
  try {
    const answer = await fetch(core.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
      body: JSON.stringify(activity),
      signal: AbortSignal.any([late.signal, core.stopped]),
    });
    const text = await answer.text();
    return { status: answer.status, text, outcome: answer.ok ? 'ok' : 'http_error' };
  } catch {
    return { status: undefined, text: '', outcome: late.signal.aborted ? 'http_timeout' : 'connection_failed' };
  } finally {
    cancel();
  }
}

export function recorded(core: Core, activity: Json, sent: Sent, faults: string[], body: unknown): RecordedDelivery {
  const delivery: RecordedDelivery = {
    type: String(activity['type']),
    name: activity['name'] as InvokeName | undefined,
    activity,
    at: core.clock.now() - sent.ms,
    ms: sent.ms,
    status: sent.status,
    outcome: sent.outcome === 'ok' && faults.length > 0 ? 'invalid_response' : sent.outcome,
    faults,
    body,
  };
  core.deliveries.push(delivery);
  for (const fault of faults) core.warn(`an answer to ${delivery.name ?? delivery.type}: ${fault}`);
  return delivery;
}

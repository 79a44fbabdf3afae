import { slackMessages } from '../../../adapters/slack/messages.js';
import { createVerifier } from '../../../src/approve/seal.js';
import { foldIncident, type Incident } from '../../../src/domain/incident.js';
import type { Policy } from '../../../src/domain/policy.js';
import type { EventLog } from '../../../src/domain/ports.js';
import { withSealedVotes } from '../../../src/domain/sealed-votes.js';
import { threadOf } from '../../../src/views/thread.js';
import { TEST_KEY } from '../incidents.js';
import type { SlackServer } from '../slack/server-types.js';
import type { SlackMessage } from '../slack/types.js';
import type { StormIncident } from './story.js';

/** One message of ours in the workspace, by what its metadata says that it is. */
export interface Standing {
  channel: string;
  key: string;
  message: SlackMessage;
}

/** Our messages, by incident. @throws when one of ours carries no delivery id. */
export function standing(slack: SlackServer): Map<string, Standing[]> {
  const found = new Map<string, Standing[]>();
  for (const [channel, { messages }] of slack.workspace.channels) {
    for (const message of messages) {
      if (message.bot_id !== slack.workspace.app.botId || message.subtype === 'tombstone') continue;
      const id = String(message.metadata?.event_payload['id'] ?? '');
      const cut = id.indexOf('/');
      if (cut < 1) throw new Error(`a message of ours without a delivery id: ${message.text.slice(0, 80)}`);
      const incident = id.slice(0, cut);
      found.set(incident, [...(found.get(incident) ?? []), { channel, key: id.slice(cut + 1), message }]);
    }
  }
  return found;
}

export async function incidentOf(log: EventLog, id: string): Promise<Incident> {
  const incident = foldIncident(await log.read(id));
  if (incident === undefined) throw new Error(`${id} is not in the log`);
  return incident;
}

/** What is wrong with how this incident stands in Slack, in words; empty when it is exactly what the log says, once and in order. */
export async function faultsOf(
  incident: StormIncident,
  channel: string,
  stands: readonly Standing[],
  { log, policy, now }: { log: EventLog; policy: Policy; now: Date },
): Promise<string[]> {
  const votes = createVerifier({ test: TEST_KEY.publicKeyPem });
  const thread = threadOf(withSealedVotes(await incidentOf(log, incident.id), votes), { policy, now });
  const wanted = slackMessages(thread, { channel });
  const faults: string[] = [];
  const name = (key: string): string => `${incident.id} ${key}`;
  for (const { key } of wanted) {
    const here = stands.filter((one) => one.key === key);
    if (here.length !== 1) faults.push(`${name(key)}: stands ${here.length} times`);
  }
  for (const one of stands) {
    if (one.channel !== channel) faults.push(`${name(one.key)}: stands in ${one.channel}, not ${channel}`);
    if (!wanted.some(({ key }) => key === one.key)) faults.push(`${name(one.key)}: nothing in the log says this`);
  }
  const order = [...stands].sort((a, b) => Number(a.message.ts) - Number(b.message.ts)).map(({ key }) => key);
  const should = wanted.map(({ key }) => key);
  if (order.join() !== should.join()) faults.push(`${incident.id}: stands as ${order.join()}, not ${should.join()}`);
  const root = stands.find(({ key }) => key === 'headline')?.message.ts;
  for (const { key, body } of wanted) {
    const one = stands.find((stand) => stand.key === key);
    if (one === undefined) continue;
    if (shown(one.message) !== shown(body)) faults.push(`${name(key)}: shows an old state: ${one.message.text}`);
    const inThread = key === 'headline' ? [undefined, one.message.ts] : [root];
    if (!inThread.includes(one.message.thread_ts)) faults.push(`${name(key)}: is not in its thread`);
  }
  return faults;
}

/** Text and blocks, without the ids that Slack gives to blocks. */
function shown({ text, blocks }: { text: string; blocks?: unknown }): string {
  return JSON.stringify([text, blocks], (name, value: unknown) => (name === 'block_id' ? undefined : value));
}

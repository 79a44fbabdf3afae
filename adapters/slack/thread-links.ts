import type { Place } from '../../src/domain/chat.js';
import type { Clock } from '../../src/domain/ports.js';
import type { LinkTo } from './home.js';

export interface ThreadLinksDeps {
  /** Slack's own address of the workspace, as `auth.test` gives it. */
  workspace: string | undefined;
  /** Where the thread stands, with its root once that is there. */
  rootOf(incident: string): Promise<Place | undefined>;
  clock: Clock;
}

/** Looks up where these threads are, as far as it is not known yet. Without an address there is no link; nothing throws. */
export type ThreadLinks = (incidents: readonly string[]) => Promise<LinkTo>;

/** A headline that somebody deleted is posted anew, elsewhere in the channel. */
const KNOWN_MS = 10 * 60_000;
/** It may be posted any moment. */
const UNKNOWN_MS = 5000;
const MOST = 2000;

interface Known {
  at: number;
  url: string | undefined;
}

/** Addresses are made here of ids alone; nothing that people or programs wrote is in them. */
export function createThreadLinks({ workspace, rootOf, clock }: ThreadLinksDeps): ThreadLinks {
  const origin = originOf(workspace);
  const known = new Map<string, Known>();
  const isFresh = (one: Known | undefined, now: number): boolean =>
    one !== undefined && Math.abs(now - one.at) < (one.url === undefined ? UNKNOWN_MS : KNOWN_MS);
  const look = async (incident: string, now: number): Promise<void> => {
    const place = await rootOf(incident).catch(() => undefined);
    // What was known stays when it can not be read now.
    const url = place === undefined ? known.get(incident)?.url : addressOf(origin, place);
    known.delete(incident);
    known.set(incident, { at: now, url });
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  };
  return async (incidents) => {
    const now = clock.now().getTime();
    const missing = [...new Set(incidents)].filter((incident) => !isFresh(known.get(incident), now));
    if (origin !== undefined) await Promise.all(missing.map((incident) => look(incident, now)));
    return (incident) => known.get(incident)?.url;
  };
}

/** Of Slack's own hosts only: people follow these links. */
function originOf(workspace: string | undefined): string | undefined {
  if (workspace === undefined || !URL.canParse(workspace)) return undefined;
  const { protocol, host, origin } = new URL(workspace);
  return protocol === 'https:' && /^[a-z0-9-]+(\.[a-z0-9-]+)*\.slack(-gov)?\.com$/.test(host) ? origin : undefined;
}

function addressOf(origin: string | undefined, { channel, root }: Place): string | undefined {
  if (origin === undefined || root === undefined) return undefined;
  if (!/^[A-Z0-9]{1,40}$/.test(channel) || !/^\d{1,20}\.\d{1,10}$/.test(root)) return undefined;
  return `${origin}/archives/${channel}/p${root.replace('.', '')}`;
}

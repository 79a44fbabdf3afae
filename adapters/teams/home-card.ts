import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import type { TeamsBody } from './body.js';
import type { LinkTo } from './replies.js';

export interface WaitingArgs {
  /** Who looks at it; undefined when Teams shows no account of ours for them. */
  person: string | undefined;
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  /** This week. */
  digest: Digest;
  now: Date;
  /** Without an address the row has a button that shows the incident instead (`show`, all of its headline). */
  linkTo?: LinkTo;
}

/** Answer to `waiting` in the personal chat: what waits for them, what is open, this week's numbers. */
export function waitingCard(_args: WaitingArgs): TeamsBody {
  throw new Error('being written');
}

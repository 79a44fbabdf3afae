import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import type { LogState } from '../../src/domain/ports.js';
import type { TeamsBody } from './body.js';

/** Address of an incident's thread in Teams, where it is known. */
export type LinkTo = (incident: string) => string | undefined;

/** Answer to `help`, and to what is not understood. */
export function helpReply(): TeamsBody {
  throw new Error('being written');
}

export function listReply(_summaries: readonly IncidentSummary[], _linkTo?: LinkTo): TeamsBody {
  throw new Error('being written');
}

export function digestReply(_digest: Digest, _linkTo?: LinkTo): TeamsBody {
  throw new Error('being written');
}

export interface StatusArgs {
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  log: LogState;
  /** How far Teams is behind the log and why, one sentence each; ours. */
  deliveries?: readonly string[];
  linkTo?: LinkTo;
}

export function statusReply(_args: StatusArgs): TeamsBody {
  throw new Error('being written');
}

/** One sentence of ours. */
export function sayReply(_text: string): TeamsBody {
  throw new Error('being written');
}

export interface GrantArgs {
  text: string;
  incident: string;
  question: string;
  /** Calls that the button grants. */
  grant: number;
}

/** A question that needs more calls, with a button that grants them. */
export function grantReply(_args: GrantArgs): TeamsBody {
  throw new Error('being written');
}

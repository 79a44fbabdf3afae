import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import type { LogState } from '../../src/domain/ports.js';
import type { SlackBody } from './body.js';
import type { LinkTo } from './home.js';

/** Answer to `/countersign help`, and to what is not understood. */
export declare function helpReply(): SlackBody;
export declare function listReply(summaries: readonly IncidentSummary[], linkTo?: LinkTo): SlackBody;
export declare function digestReply(digest: Digest): SlackBody;
export declare function statusReply(args: {
  waiting: readonly IncidentSummary[];
  open: readonly IncidentSummary[];
  log: LogState;
}): SlackBody;
/** One sentence of ours to one person. */
export declare function sayReply(text: string): SlackBody;

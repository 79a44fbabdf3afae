export type ConnectorCall =
  | 'conversation.create'
  | 'activity.send'
  | 'activity.reply'
  | 'activity.update'
  | 'activity.delete'
  | 'members'
  | 'member'
  | 'pagedmembers'
  | 'team'
  | 'channels'
  | 'token';

/** What can go wrong between the bot and the connector, in pairs: refused and not done, done but the reply is lost. */
export type FaultKind =
  /** HTTP 500, and nothing was done. */
  | 'refused'
  /** HTTP 502, and nothing was done. */
  | 'bad_gateway'
  /** HTTP 412 PreconditionFailed, as Teams answers when two calls of one conversation meet; nothing was done. */
  | 'precondition'
  /** Done, then the connection is cut without an answer. */
  | 'reply_lost'
  /** Done, then HTTP 500. */
  | 'failed_after'
  /** Done, then HTTP 504. */
  | 'gateway_timeout'
  /** The connection is cut before anything was done. */
  | 'cut_before'
  /** Answered late by `slowMs` of the server's clock; done at the start. */
  | 'slow'
  /** HTTP 429 although the app kept to the limits. */
  | 'ratelimited'
  /** HTTP `status` with Teams' error `code`; nothing was done. */
  | 'error';

export interface Fault {
  kind: FaultKind;
  /** Calls that it strikes; all of the connector but `token` without it. */
  calls?: ConnectorCall[];
  /** Strikes so many calls and is gone. */
  count?: number;
  /** Strikes with this chance (0 to 1); 1 without it. */
  chance?: number;
  /** Of `slow`, 5000. */
  slowMs?: number;
  /** Of `ratelimited`; `none` sends no `Retry-After`, as Teams often does. 5 without it. */
  retryAfterSeconds?: number | 'none';
  /** Of `error`. */
  status?: number;
  code?: string;
}

export interface Faults {
  /** @returns takes it away again. */
  add(fault: Fault): () => void;
  clear(): void;
  /** The connector is down: every call 503, nothing is delivered to the bot until it is up again. */
  down(is: boolean): void;
  isDown(): boolean;
  /** How often each kind has struck. */
  struck: Record<FaultKind, number>;
  /** The fault that strikes this call, with its count taken. */
  strike(call: ConnectorCall): Fault | undefined;
}

export function createFaults(seed = 1): Faults {
  const dice = createDice(seed);
  let faults: Fault[] = [];
  let down = false;
  const struck: Record<FaultKind, number> = {
    refused: 0,
    bad_gateway: 0,
    precondition: 0,
    reply_lost: 0,
    failed_after: 0,
    gateway_timeout: 0,
    cut_before: 0,
    slow: 0,
    ratelimited: 0,
    error: 0,
  };
  return {
    struck,
    add(fault) {
      const mine = { ...fault };
      faults.push(mine);
      return () => {
        faults = faults.filter((other) => other !== mine);
      };
    },
    clear() {
      faults = [];
    },
    down(is) {
      down = is;
    },
    isDown: () => down,
    strike(call) {
      for (const fault of faults) {
        if (fault.calls === undefined ? call === 'token' : !fault.calls.includes(call)) continue;
        if (fault.chance !== undefined && dice() >= fault.chance) continue;
        if (fault.count !== undefined) {
          fault.count -= 1;
          if (fault.count <= 0) faults = faults.filter((other) => other !== fault);
        }
        struck[fault.kind] += 1;
        return fault;
      }
      return undefined;
    },
  };
}

/** Mulberry32: the same seed strikes the same calls. */
function createDice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

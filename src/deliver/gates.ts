/** Stops calls that are bound to fail: to one channel, or to the whole chat. Times are milliseconds of the caller's clock. */
export interface Gates {
  /** Milliseconds until a call to this channel may be tried. */
  wait(channel: string, now: number): number;
  /** A call begins: while a gate is closed it is the only one until the next time. */
  begin(channel: string, now: number): void;
  passed(channel: string): void;
  /** The platform was there, whatever it said. */
  answered(): void;
  /** The platform was not there. */
  failed(now: number, reason: string): void;
  /** The app may not in this channel. Several in a row, as one thread alone can be locked. */
  refused(channel: string, now: number, reason: string): void;
  /** The app may nothing anywhere. */
  refusedAll(now: number, reason: string): void;
  closed(): { channel: string; reason: string; since: number }[];
}

interface Gate {
  strikes: number;
  until: number;
  reason: string;
  since: number;
}

export const SLOWLY_MS = 60_000;
const STRIKES = 3;
const FIRST_PAUSE_MS = 1000;
/** Stands for every channel. No channel has an empty name. */
const ALL = '';

export function createGates(): Gates {
  const gates = new Map<string, Gate>();
  const isClosed = (gate: Gate | undefined): gate is Gate => gate !== undefined && gate.strikes >= STRIKES;
  const strike = (name: string, now: number, reason: string, count = 1): Gate => {
    const before = gates.get(name);
    const gate = { strikes: (before?.strikes ?? 0) + count, until: now, reason, since: before?.since ?? now };
    gates.set(name, gate);
    return gate;
  };
  return {
    wait(channel, now) {
      if (gates.size === 0) return 0;
      const left = (gate: Gate | undefined): number => (isClosed(gate) ? gate.until - now : 0);
      return Math.max(0, left(gates.get(ALL)), left(gates.get(channel)));
    },
    begin(channel, now) {
      for (const gate of [gates.get(ALL), gates.get(channel)]) if (isClosed(gate)) gate.until = now + SLOWLY_MS;
    },
    passed(channel) {
      gates.delete(channel);
      gates.delete(ALL);
    },
    answered: () => void gates.delete(ALL),
    failed(now, reason) {
      const gate = strike(ALL, now, reason);
      gate.until = now + Math.min(SLOWLY_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, gate.strikes - STRIKES));
    },
    refused(channel, now, reason) {
      strike(channel, now, reason).until = now + SLOWLY_MS;
    },
    refusedAll(now, reason) {
      strike(ALL, now, reason, STRIKES).until = now + SLOWLY_MS;
    },
    closed: () =>
      [...gates].flatMap(([channel, gate]) =>
        isClosed(gate) ? [{ channel, reason: gate.reason, since: gate.since }] : [],
      ),
  };
}

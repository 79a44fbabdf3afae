import type { Delivery, DeliveryReport, DeliveryStore } from '../../../src/domain/chat.js';
import type { Clock } from '../../../src/domain/ports.js';

/** The store's rules without Redis; the integration test holds the real one to the same. */
export function createMemoryDeliveries(clock: Clock): DeliveryStore & { reads: () => number; writes: () => number } {
  const threads = new Map<string, Map<string, Delivery>>();
  const claims = new Map<string, number>();
  const roots = new Map<string, string>();
  const shown = new Map<string, number>();
  let began: Date | undefined;
  let lease = { holder: '', until: 0 };
  let report: DeliveryReport | undefined;
  let reads = 0;
  let writes = 0;
  const put = (incident: string, delivery: Delivery): void => {
    writes += 1;
    const thread = threads.get(incident) ?? new Map<string, Delivery>();
    threads.set(incident, thread.set(delivery.key, delivery));
    if (delivery.headline && delivery.message !== undefined)
      roots.set(`${delivery.channel}:${delivery.message}`, incident);
  };
  return {
    reads: () => reads,
    writes: () => writes,
    async of(incident) {
      reads += 1;
      const found = new Map<string, Delivery>();
      for (const [key, delivery] of threads.get(incident) ?? []) {
        const attempt = claims.get(`${incident}/${key}`) ?? delivery.attempt;
        const overtaken = attempt > delivery.attempt && /posting|missing/.test(delivery.state);
        found.set(key, { ...delivery, attempt, ...(overtaken ? { state: 'posting' } : {}) });
      }
      return found;
    },
    async claim(incident, delivery) {
      const id = `${incident}/${delivery.key}`;
      const number = (claims.get(id) ?? 0) + 1;
      claims.set(id, number);
      if (number !== delivery.attempt) return false;
      put(incident, delivery);
      return true;
    },
    save: async (incident, delivery) => put(incident, delivery),
    incidentAt: async (channel, root) => roots.get(`${channel}:${root}`),
    shown: async () => new Map(shown),
    async saveShown(incident, version) {
      writes += 1;
      shown.set(incident, version);
    },
    async began(now) {
      began ??= now;
      return began;
    },
    async saveReport(given) {
      report = given;
    },
    lastReport: async () => report,
    async lead(holder, ttlMs) {
      const now = clock.now().getTime();
      if (lease.holder !== holder && lease.until > now) return false;
      lease = { holder, until: now + ttlMs };
      return true;
    },
  };
}

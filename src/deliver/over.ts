import type { DeliveryStore } from '../domain/chat.js';
import type { Clock } from '../domain/ports.js';

/** The finished threads of which nothing is left to show: most of the log, so they are known by their version alone. */
export interface Over {
  load(): Promise<void>;
  isShown(incident: string, version: number, finishedAt: string | undefined): boolean;
  note(incident: string, version: number): Promise<void>;
}

export function createOver({
  store,
  clock,
}: {
  store: Pick<DeliveryStore, 'began' | 'shown' | 'saveShown'>;
  clock: Clock;
}): Over {
  let shown = new Map<string, number>();
  let began: string | undefined;
  return {
    async load() {
      began = (await store.began(clock.now())).toISOString();
      shown = await store.shown();
    },
    isShown(incident, version, finishedAt) {
      // Also an old state of it, as when the log is read again from its beginning.
      if ((shown.get(incident) ?? -1) >= version) return true;
      return finishedAt !== undefined && began !== undefined && finishedAt < began;
    },
    async note(incident, version) {
      await store.saveShown(incident, version);
      shown.set(incident, version);
    },
  };
}

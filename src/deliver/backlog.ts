import { createWork, type Work } from './work.js';

/** The threads that are not shown as they should be, or may not be; all others cost nothing. */
export interface Backlog {
  works: ReadonlyMap<string, Work>;
  /** Those that changed, in the order in which they did. */
  toLookAt: Set<Work>;
  /** A newer state of a thread is to be shown. */
  add(incident: string, version: number, finishedAt: string | undefined): void;
  changed(work: Work): void;
  lookAgain(work: Work): void;
  /** It is shown as it should be. */
  forget(work: Work): void;
  /** Resolves when this thread, or every thread, was forgotten. */
  settled(incident: string | undefined): Promise<void>;
}

export function createBacklog(now: () => number, wake: () => void): Backlog {
  const works = new Map<string, Work>();
  const toLookAt = new Set<Work>();
  let settling: { incident: string | undefined; resolve: () => void }[] = [];
  const isSettled = (incident: string | undefined): boolean =>
    incident === undefined ? works.size === 0 : !works.has(incident);
  const backlog: Backlog = {
    works,
    toLookAt,
    add(incident, version, finishedAt) {
      const work = works.get(incident) ?? createWork(incident);
      works.set(incident, work);
      work.version = Math.max(work.version, version);
      work.finishedAt = finishedAt;
      backlog.changed(work);
    },
    changed(work) {
      if (!work.stale) work.changedAt = now();
      work.stale = true;
      toLookAt.add(work);
      wake();
    },
    lookAgain(work) {
      if (works.get(work.incident) === work) toLookAt.add(work);
    },
    forget(work) {
      works.delete(work.incident);
      toLookAt.delete(work);
      const done = settling.filter(({ incident }) => isSettled(incident));
      settling = settling.filter((one) => !done.includes(one));
      for (const { resolve } of done) resolve();
    },
    settled: (incident) =>
      new Promise((resolve) => {
        if (isSettled(incident)) resolve();
        else settling.push({ incident, resolve });
      }),
  };
  return backlog;
}

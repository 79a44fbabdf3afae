import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { OnceStore } from '../../../src/domain/ports.js';
import type { TeamsBody } from '../body.js';
import type { TeamsJob } from './job.js';

/** What the work answers to whoever did something. */
export type WorkAnswer =
  /** `faults` by field name: the form they belong to is shown again where it is still there. */
  | { kind: 'words'; title: string; text: string; tone: Tone; faults?: Record<string, string>; over?: boolean }
  | { kind: 'body'; body: TeamsBody };

const Tone = z.enum(['neutral', 'working', 'waiting', 'good', 'bad']);
type Tone = z.infer<typeof Tone>;

const StoredAnswer = z.union([
  z.object({
    kind: z.literal('words'),
    title: z.string(),
    text: z.string(),
    tone: Tone,
    faults: z.record(z.string(), z.string()).optional(),
    over: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('body'), body: z.custom<TeamsBody>((body) => typeof body === 'object' && body !== null) }),
]);

/** The reply to a gesture waits a little for the work on it, which another process may do. */
export interface Waiting {
  /** To be called before the job is put; `answer` is undefined when the work was not done in time, and then it tells by itself. */
  expect(job: TeamsJob): { job: TeamsJob; answer(): Promise<WorkAnswer | undefined> };
  /** By the work. True when whoever waits for it has shown it. */
  give(job: TeamsJob, answer: WorkAnswer): Promise<boolean>;
}

/** A gesture may be delivered again for some minutes: it gets the same answer then. */
const REMEMBERED_SECONDS = 900;
const LOOK_EVERY_MS = 150;
/** How long the work waits for the word that its answer was shown. */
const SHOWN_WITHIN_MS = 500;

export function createWaiting({ once }: { once: OnceStore }): Waiting {
  const here = new Map<string, (answer: WorkAnswer) => void>();
  const answered = (id: string): string => `teams:answer:${id}`;
  const shown = (id: string): string => `teams:shown:${id}`;

  return {
    expect(job) {
      let given: WorkAnswer | undefined;
      const told = new Promise<void>((resolve) => {
        here.set(job.id, (answer) => {
          given = answer;
          resolve();
        });
      });
      /** Of another process, or of before a restart. A store that is away is no reason to fail: the work tells by itself. */
      const lookUp = async (): Promise<WorkAnswer | undefined> => {
        for (;;) {
          const known = await once.begin(answered(job.id), REMEMBERED_SECONDS).catch(() => undefined);
          const found = typeof known === 'object' ? StoredAnswer.safeParse(parsed(known.answer)).data : undefined;
          const left = (job.repliedUntil ?? 0) - Date.now();
          if (found !== undefined || given !== undefined || left <= 0) return found as WorkAnswer | undefined;
          await pause(Math.min(LOOK_EVERY_MS, left));
        }
      };
      return {
        job,
        async answer() {
          const found = await Promise.race([told, lookUp()]);
          here.delete(job.id);
          const answer = given ?? found ?? undefined;
          if (answer !== undefined)
            await once.settle(shown(job.id), 'shown', REMEMBERED_SECONDS).catch(() => undefined);
          return answer;
        },
      };
    },
    async give(job, answer) {
      const until = job.repliedUntil;
      if (until === undefined) return false;
      const kept = once.settle(answered(job.id), JSON.stringify(answer), REMEMBERED_SECONDS).catch(() => undefined);
      const tell = here.get(job.id);
      if (tell !== undefined) {
        tell(answer);
        return true;
      }
      await kept;
      return wasShown(once, shown(job.id), until + SHOWN_WITHIN_MS);
    },
  };
}

async function wasShown(once: OnceStore, key: string, until: number): Promise<boolean> {
  for (;;) {
    const known = await once.begin(key, REMEMBERED_SECONDS).catch(() => undefined);
    if (typeof known === 'object') return true;
    const left = until - Date.now();
    if (left <= 0) return false;
    await pause(Math.min(LOOK_EVERY_MS, left));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

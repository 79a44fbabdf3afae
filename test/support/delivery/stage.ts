import { Writable } from 'node:stream';
import { createDelivery, type Delivery } from '../../../src/deliver/delivery.js';
import type { Thread } from '../../../src/domain/card.js';
import type { DeliveryStore } from '../../../src/domain/chat.js';
import { createProcessLog } from '../../../src/log.js';
import { createMemoryDeliveries } from './memory-store.js';
import { createScriptedPlatform, type ScriptedOptions, type ScriptedPlatform } from './scripted-platform.js';
import { type ThreadSketch, threadFrom, type Words } from './threads.js';
import { createVirtualTime, type VirtualTime } from './virtual-time.js';

export interface Process {
  delivery: Delivery;
  /** Ends it as a process is ended that is asked to. */
  stop(): Promise<void>;
  /** From now on it does nothing more; calls that it had made go on without it. */
  kill(): void;
  /** It stands still, as under a stopped virtual machine: what is answered meanwhile reaches it when it thaws. */
  freeze(): void;
  thaw(): void;
  /** What `threadOf` was asked for. */
  rendered: string[];
}

/** A chat, its store and any number of processes that deliver to it, in virtual time. */
export interface Stage {
  time: VirtualTime;
  platform: ScriptedPlatform;
  store: ReturnType<typeof createMemoryDeliveries>;
  start(holder?: string): Process;
  /** The incident is like this from now on; every running process is told. */
  becomes(sketch: ThreadSketch): void;
  threads: Map<string, Thread>;
  /** Makes the store fail while it is true. */
  storeAway: { now: boolean };
  /** Lines of the process log, all processes together. */
  logged: string[];
}

export function createStage(options: Omit<ScriptedOptions, 'time'> = {}): Stage {
  const time = createVirtualTime();
  const platform = createScriptedPlatform({ ...options, time });
  const store = createMemoryDeliveries(time.clock);
  const threads = new Map<string, Thread>();
  const processes = new Set<Process>();
  const storeAway = { now: false };
  const logged: string[] = [];
  const lines = new Writable({
    write(line, _, done) {
      logged.push(String(line));
      done();
    },
  });

  function start(holder = `process-${processes.size}`): Process {
    const life = createLife();
    const alive = <T extends object>(target: T, fails: () => boolean = () => false): T => mortal(target, life, fails);
    const rendered: string[] = [];
    const stopping = new AbortController();
    const delivery = createDelivery<Words>({
      platform: alive(platform),
      store: alive<DeliveryStore>(store, () => storeAway.now),
      threadOf: async (incident) => {
        rendered.push(incident);
        return threads.get(incident);
      },
      placeOf: ({ summary }) => (summary.owner === 'nowhere' ? undefined : { channel: summary.owner }),
      clock: time.clock,
      sleep: async (ms, signal) => {
        await time.sleep(ms, signal);
        await life.reached();
      },
      processLog: createProcessLog('test', 'info', lines),
      holder,
    });
    for (const thread of threads.values()) void delivery.show(thread);
    const running = delivery.run(stopping.signal);
    const process: Process = {
      delivery,
      rendered,
      async stop() {
        processes.delete(process);
        stopping.abort();
        let ended = false;
        void running.then(() => {
          ended = true;
        });
        await time.until(() => ended, 60_000);
      },
      kill() {
        processes.delete(process);
        life.end();
      },
      freeze: life.freeze,
      thaw: life.thaw,
    };
    processes.add(process);
    return process;
  }

  return {
    ...{ time, platform, store, start, threads, storeAway, logged },
    becomes(sketch) {
      const thread = threadFrom({ at: time.clock.now().toISOString(), ...sketch });
      threads.set(sketch.incident, thread);
      for (const { delivery } of processes) void delivery.show(thread);
    },
  };
}

interface Life {
  /** Resolves when the process runs: at once, after its thaw, or never. */
  reached(): Promise<void>;
  end(): void;
  freeze(): void;
  thaw(): void;
}

function createLife(): Life {
  let over = false;
  let frozen: { until: Promise<void>; thaw: () => void } | undefined;
  return {
    async reached() {
      await frozen?.until;
      if (over) await new Promise(() => undefined);
    },
    end: () => {
      over = true;
    },
    freeze() {
      let thaw = (): void => undefined;
      const until = new Promise<void>((resolve) => {
        thaw = resolve;
      });
      frozen = { until, thaw };
    },
    thaw() {
      frozen?.thaw();
      frozen = undefined;
    },
  };
}

/** The methods of a port as one process has them: after its death none begins, and none answers. */
function mortal<T extends object>(target: T, life: Life, fails: () => boolean): T {
  return new Proxy(target, {
    get(on, name) {
      const method: unknown = Reflect.get(on, name);
      if (typeof method !== 'function' || name === 'messagesOf' || name === 'paceOf') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        await life.reached();
        if (fails()) throw new Error('the store is away');
        const outcome = await Promise.resolve(method.apply(on, args)).then(
          (value: unknown) => ({ value }),
          (error: unknown) => ({ error }),
        );
        await life.reached();
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      };
    },
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { LocalConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import { OracleVerdict, ScenarioKey } from '../evaluate/model.js';
import type { OpenedWorld } from '../evaluate/run-benchmark.js';
import { askControl } from './cli-eval-control.js';
import { type LocalStack, startLocal } from './local.js';

/** A simulated platform and the four role processes before it, of one run alone. */
export interface ServedWorld extends OpenedWorld {
  stack: LocalStack;
}

export interface Worlds {
  open(file: string, seed: number): Promise<ServedWorld>;
  /** Ends all that are open or being opened, and opens no more. */
  endAll(): Promise<void>;
}

/** Worlds of one benchmark: the shipped policy with this cap, no chat, a Redis and a folder of their own. */
export function createWorlds(config: LocalConfig, settings: { model: NodeJS.ProcessEnv; cap: number }): Worlds {
  const ends = new Set<() => Promise<void>>();
  const quiet: LocalConfig = {
    ...config,
    redisUrl: undefined,
    webPort: 0,
    policyFile: undefined,
    // A real workspace must not hear of incidents that never were.
    chats: {},
    model: settings.model,
  };
  let over = false;
  return {
    async open(file, seed) {
      if (over) throw new AppError('unavailable', { safeText: 'The benchmark is being stopped.' });
      const dataDir = mkdtempSync(join(tmpdir(), `countersign-eval-${basename(file, '.yaml')}-`));
      const starting = startLocal({
        config: { ...quiet, dataDir },
        scenario: file,
        seed,
        maxToolCalls: settings.cap,
        print: () => undefined,
      });
      const end = async (): Promise<void> => {
        await starting.then(
          (stack) => stack.stop(),
          () => undefined,
        );
        ends.delete(end);
        rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
      };
      ends.add(end);
      try {
        return await served(await starting, end);
      } catch (error) {
        await end();
        throw error;
      }
    },
    async endAll() {
      over = true;
      await Promise.allSettled([...ends].map((end) => end()));
    },
  };
}

async function served(stack: LocalStack, close: () => Promise<void>): Promise<ServedWorld> {
  return {
    stack,
    key: ScenarioKey.parse(await askControl(stack, '/control/key')),
    judge: async (by) => OracleVerdict.parse(await askControl(stack, '/control/judge', by)),
    close,
  };
}

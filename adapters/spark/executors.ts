import type { z } from 'zod';
import type { SparkFailure } from '../../src/domain/platform-ports.js';
import type { Executors } from './shapes.js';
import { isoOf } from './times.js';

const EXECUTORS = 50;

/**
 * The lost and the failing first, so that the bound never hides them. The server stops counting for an executor once it has gone: a task that
 * died with it may be in the task's own record only, so those are counted here.
 */
export function executorsOf(
  executors: z.infer<typeof Executors>,
  taskErrors: SparkFailure['taskErrors'],
): SparkFailure['executors'] {
  return executors
    .map((executor) => {
      const removedAt = isoOf(executor.removeTime);
      return {
        id: executor.id,
        host: (executor.hostPort ?? '').replace(/:\d+$/, ''),
        active: executor.isActive ?? false,
        removeReason: executor.removeReason ?? undefined,
        ...(removedAt === undefined ? {} : { removedAt }),
        failedTasks: Math.max(
          executor.failedTasks ?? 0,
          taskErrors.filter((task) => task.executor === executor.id).length,
        ),
        maxMemory: executor.maxMemory ?? 0,
      };
    })
    .sort((a, b) => Number(a.active) - Number(b.active) || b.failedTasks - a.failedTasks)
    .slice(0, EXECUTORS);
}

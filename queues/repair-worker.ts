import { createJobWorker, type JobWorker, type JobWorkerOptions } from './job-worker.js';
import { RepairJob } from './jobs.js';

export type RepairWorkerOptions = Omit<JobWorkerOptions<RepairJob>, 'queue' | 'schema' | 'concurrency'>;

/** One at a time, one attempt, never again after a crash: `onGivenUp` must reconcile what a dead worker left open. */
export function createRepairWorker(options: RepairWorkerOptions): Promise<JobWorker> {
  return createJobWorker({ ...options, concurrency: 1, queue: 'repair', schema: RepairJob });
}

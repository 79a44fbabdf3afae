import { createJobWorker, type JobWorker, type JobWorkerOptions } from './job-worker.js';
import { VerifyJob } from './jobs.js';

export type VerifyWorkerOptions = Omit<JobWorkerOptions<VerifyJob>, 'queue' | 'schema'>;

/** Reads only, so three attempts; the rounds of one verification are jobs of their own, each with its delay. */
export function createVerifyWorker(options: VerifyWorkerOptions): Promise<JobWorker> {
  return createJobWorker({ ...options, queue: 'verify', schema: VerifyJob });
}

import { createJobWorker, type JobWorker, type JobWorkerOptions } from './job-worker.js';
import { InvestigateJob } from './jobs.js';

export type InvestigateWorkerOptions = Omit<JobWorkerOptions<InvestigateJob>, 'queue' | 'schema'>;

/** Three attempts; a killed worker's investigation is taken up again from the log. */
export function createInvestigateWorker(options: InvestigateWorkerOptions): Promise<JobWorker> {
  return createJobWorker({ ...options, queue: 'investigate', schema: InvestigateJob });
}

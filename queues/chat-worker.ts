import { createJobWorker, type JobWorker, type JobWorkerOptions } from './job-worker.js';
import type { ChatQueue } from './jobs.js';

export type ChatWorkerOptions<J> = Omit<JobWorkerOptions<J, ChatQueue>, 'forgets' | 'slowedMs'>;

/** A chat may ask for half a minute of silence, and ask again. */
const SLOWED_MS = 180_000;

/**
 * What people did in a chat, once it was acknowledged. Six attempts in about half a minute, longer only while the chat says to slow
 * down; every step of it may be done again. What they wrote is out of Redis when it is done.
 */
export function createChatWorker<J>(options: ChatWorkerOptions<J>): Promise<JobWorker> {
  return createJobWorker({ ...options, forgets: true, slowedMs: SLOWED_MS });
}

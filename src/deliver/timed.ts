import type { Sleep } from '../domain/chat.js';
import { AppError } from '../domain/errors.js';

/** A little more than the platforms' own time-outs: this is for a call that does not end at all. */
export const MAX_CALL_MS = 12_000;

/** Makes the call, and gives it up when it takes too long or the process must end. @throws AppError `timeout`. */
export async function timed<T>(
  { sleep, ending }: { sleep: Sleep; ending: AbortSignal },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const answered = new AbortController();
  const end = (): void => answered.abort();
  ending.addEventListener('abort', end);
  const late = sleep(MAX_CALL_MS, answered.signal).then(() => LATE);
  try {
    const result = await Promise.race([call(stop.signal), late]);
    if (result !== LATE) return result as T;
    stop.abort();
    throw new AppError('timeout', { safeText: 'The chat did not answer in time; whether it was done is not known.' });
  } finally {
    ending.removeEventListener('abort', end);
    answered.abort();
  }
}

const LATE = Symbol('late');

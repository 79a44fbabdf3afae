import { setMaxListeners } from 'node:events';
import { AppError, asAppError } from '../domain/errors.js';
import { InvestigationEnded } from './recorder.js';
import { unwrapped } from './unwrapped.js';

/** Each graph step listens to the signal; Node warns above ten. */
const MAX_LISTENERS = 200;

/**
 * Runs work that may be stopped and run again. Returns quietly when somebody else ended it meanwhile.
 * @throws AppError `unavailable` when it was stopped; anything else as it is, or as `internal`.
 */
export async function stoppable(given: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const signal = AbortSignal.any([given]);
  setMaxListeners(MAX_LISTENERS, signal);
  try {
    await work(signal);
  } catch (thrown) {
    const error = unwrapped(thrown);
    if (error instanceof InvestigationEnded) return;
    if (signal.aborted) throw new AppError('unavailable', { safeText: 'The investigation was stopped.', cause: error });
    throw asAppError(error);
  }
}

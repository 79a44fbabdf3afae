import type { z } from 'zod';
import { AppError } from './errors.js';
import type { HttpAnswer } from './platform-ports.js';

/** A JSON answer checked against the fields we use; what is not JSON or has another shape throws `unexpected_answer` without quoting it. */
export function readJson<S extends z.ZodType>(system: string, answer: HttpAnswer, schema: S): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(answer.text);
  } catch {
    throw new AppError('unexpected_answer', {
      safeText: `${system} answered with something that is not JSON (status ${answer.status}).`,
    });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') || 'the whole answer';
  throw new AppError('unexpected_answer', {
    safeText: `${system} answered in a shape this connector does not know (at ${where.slice(0, 80)}).`,
  });
}

/**
 * Reads what followed a write that was sent. Whatever keeps us from understanding it leaves the outcome unknown, so it becomes a
 * `timeout`: the target must be read before anything is tried again. Throw refusals that prove "not done" outside of it.
 */
export async function readOutcome<T>(system: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (thrown) {
    throw new AppError('timeout', {
      safeText: `${system} took the change, but its answer was not understood; whether the change was made is not known.`,
      cause: thrown,
    });
  }
}

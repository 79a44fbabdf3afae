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

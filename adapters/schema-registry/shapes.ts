import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpAnswer } from '../../src/domain/platform-ports.js';

/** Only the fields in use of the Confluent API, which other registries imitate; texts of errors differ, codes do not. */
export const Subjects = z.array(z.string());
export const Versions = z.array(z.number().int());
export const Version = z.looseObject({
  version: z.number().int(),
  id: z.number().int(),
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z.array(z.unknown()).nullish(),
  /** Milliseconds; newer Confluent servers only. */
  ts: z.number().nullish(),
});
export type Version = z.infer<typeof Version>;
export const Registered = z.looseObject({ version: z.number().int().nullish(), id: z.number().int().nullish() });
export const Compatibility = z.looseObject({ compatibilityLevel: z.string() });
const Failure = z.looseObject({ error_code: z.number().int() });

/** Codes that say: there is no such subject or version (or it was deleted). */
export const ABSENT: ReadonlySet<number> = new Set([40401, 40402, 40403, 40404, 40405, 40406]);
export const NOT_CONFIGURED = 40408;

/**
 * The registry's own error code; undefined for an answer that is none. @throws AppError when the error did not come from a
 * registry, such as a proxy's 404, which must not be taken for "no such subject".
 */
export function failureCode(answer: HttpAnswer): number | undefined {
  if (answer.status < 400) return undefined;
  try {
    return readJson('Schema registry', answer, Failure).error_code;
  } catch (thrown) {
    throw new AppError('unexpected_answer', {
      safeText: `The schema registry's address answers ${answer.status}, but not as a registry does; check its path.`,
      cause: thrown,
    });
  }
}

/** A schema text as an object; undefined when it is no JSON or, like Avro's `"string"`, no object. */
export function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

export function subjectPath(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`;
}

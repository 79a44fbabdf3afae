import { z } from 'zod';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpAnswer } from '../../src/domain/platform-ports.js';

export const SYSTEM = 'Schema registry';

/** Only the fields in use of the Confluent API, which other registries imitate; texts of errors differ, codes do not. */
export const Subjects = z.array(z.string());
export const Versions = z.array(z.number().int());
const Reference = z.looseObject({ name: z.string(), subject: z.string(), version: z.number().int() });
export const Version = z.looseObject({
  version: z.number().int(),
  id: z.number().int(),
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z.array(Reference).nullish(),
  /** Milliseconds; newer Confluent servers only. */
  ts: z.number().nullish(),
  /** Data contracts of Confluent: kept as they are. */
  metadata: z.unknown().optional(),
  ruleSet: z.unknown().optional(),
});
export type Version = z.infer<typeof Version>;
export const Registered = z.looseObject({ version: z.number().int().nullish(), id: z.number().int().nullish() });
/** A subject may have settings and no level among them. */
export const Compatibility = z.looseObject({ compatibilityLevel: z.string().nullish() });
export const Fits = z.looseObject({ is_compatible: z.boolean() });
const Failure = z.looseObject({ error_code: z.number().int() });

/** Codes that say: there is no such subject, version or setting (or it was deleted). */
export const ABSENT: ReadonlySet<number> = new Set([40401, 40402, 40403, 40404, 40405, 40406, 40407, 40408]);

/**
 * The registry's own error code; undefined for an answer that is none. @throws AppError when the error did not come from a
 * registry, such as a proxy's 404, which must not be taken for "no such subject".
 */
export function failureCode(answer: HttpAnswer): number | undefined {
  if (answer.status < 400) return undefined;
  try {
    return readJson(SYSTEM, answer, Failure).error_code;
  } catch (thrown) {
    throw new AppError('unexpected_answer', {
      safeText: `The schema registry's address answers ${answer.status}, but not as a registry does; check its path.`,
      cause: thrown,
    });
  }
}

const MEANINGS: Record<number, [ErrorKind, string]> = {
  // Apicurio, Karapace and Confluent of old say 409; Confluent knows 40901 as well.
  409: ['precondition', "The schema registry's compatibility rule does not allow this schema as the newest"],
  40901: ['precondition', "The schema registry's compatibility rule does not allow this schema as the newest"],
  42201: ['precondition', 'The schema registry holds this schema or one of its references for invalid'],
  42205: ['forbidden', 'The schema registry does not let anybody change this subject now: its mode forbids it'],
  42208: ['invalid_input', 'The schema registry does not take this name for a subject'],
  42209: ['too_large', 'The schema registry holds this schema for too large'],
};

/** A refusal in our words, by its code: every vendor's text is another one. */
export function refused(code: number): AppError {
  const [kind, text] = MEANINGS[code] ?? ['unexpected_answer' as const, 'The schema registry refused what was asked'];
  return new AppError(kind, { safeText: `${text} (error code ${code}).` });
}

/** A text as JSON; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function subjectPath(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`;
}

/** What a schema is registered and compared as. */
export function schemaBody(version: Version, schema = version.schema): Record<string, unknown> {
  return {
    schema,
    ...(version.schemaType ? { schemaType: version.schemaType } : {}),
    ...(version.references?.length ? { references: version.references } : {}),
  };
}

export const REGISTRY_JSON = 'application/vnd.schemaregistry.v1+json';
export const typeOf = (version: Version): string => version.schemaType ?? 'AVRO';

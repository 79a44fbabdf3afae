import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient, SchemaRegistryReader, SubjectVersion } from '../../src/domain/platform-ports.js';
import { withoutMark } from './repeat.js';
import {
  ABSENT,
  Compatibility,
  failureCode,
  NOT_CONFIGURED,
  Subjects,
  subjectPath,
  Version,
  Versions,
} from './shapes.js';

/** More versions than these are not read: the newest tell what changed. */
const MOST_VERSIONS = 30;

/** Reads a Confluent-compatible registry; the client's base address holds the API's path (for Apicurio `/apis/ccompat/v7`). */
export function createRegistryReader(deps: { http: HttpClient }): SchemaRegistryReader {
  const get = (path: string, signal?: AbortSignal) => deps.http.request({ method: 'GET', path, signal, accept: [404] });

  return {
    async subjects(signal) {
      return readJson(
        'Schema registry',
        await deps.http.request({ method: 'GET', path: '/subjects', signal }),
        Subjects,
      );
    },

    async versions(subject, signal) {
      const answer = await get(`${subjectPath(subject)}/versions`, signal);
      const code = failureCode(answer);
      if (code !== undefined && ABSENT.has(code)) return undefined;
      if (code !== undefined) throw refused(code);
      const numbers = readJson('Schema registry', answer, Versions).sort((a, b) => b - a);
      const found: SubjectVersion[] = [];
      for (const number of numbers.slice(0, MOST_VERSIONS)) {
        const one = await get(`${subjectPath(subject)}/versions/${number}`, signal);
        // Deleted between the two calls: not there any more.
        if (failureCode(one) === undefined) found.push(versionOf(readJson('Schema registry', one, Version)));
      }
      const textOf = (number: number) => found.find((one) => one.version === number)?.schema;
      // Oldest first, so that a repetition of a repetition is resolved too.
      for (const one of found.toReversed()) one.schema = withoutMark(one.schema, textOf);
      return found;
    },

    async compatibility(subject, signal) {
      const own = await get(`/config/${encodeURIComponent(subject)}?defaultToGlobal=true`, signal);
      const code = failureCode(own);
      if (code === undefined) return readJson('Schema registry', own, Compatibility).compatibilityLevel;
      if (code !== NOT_CONFIGURED && !ABSENT.has(code)) throw refused(code);
      const global = await get('/config', signal);
      return failureCode(global) === undefined
        ? readJson('Schema registry', global, Compatibility).compatibilityLevel
        : undefined;
    },
  };
}

function versionOf(version: Version): SubjectVersion {
  return {
    version: version.version,
    id: version.id,
    at: version.ts == null ? undefined : new Date(version.ts).toISOString(),
    type: version.schemaType ?? 'AVRO',
    schema: version.schema,
  };
}

function refused(code: number): AppError {
  return new AppError('unexpected_answer', { safeText: `The schema registry answered with error code ${code}.` });
}

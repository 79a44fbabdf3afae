import { AppError } from '../../src/domain/errors.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpAnswer, HttpClient, SchemaRegistryReader, SubjectVersion } from '../../src/domain/platform-ports.js';
import { originalOf } from './repeat.js';
import {
  ABSENT,
  Compatibility,
  Fits,
  failureCode,
  REGISTRY_JSON,
  refused,
  Subjects,
  SYSTEM,
  schemaBody,
  subjectPath,
  typeOf,
  Version,
  Versions,
} from './shapes.js';

/** More versions than these are not read: the newest tell what changed. */
const MOST_VERSIONS = 30;
const AT_ONCE = 4;
/** A schema above this is not taken in; Confluent's own bound is 1 MB. */
const LARGEST_SCHEMA = 4_000_000;

/** Reads a Confluent-compatible registry; the client's base address holds the API's path (for Apicurio `/apis/ccompat/v7`). */
export function createRegistryReader(deps: { http: HttpClient }): SchemaRegistryReader {
  const get = (path: string, signal?: AbortSignal): Promise<HttpAnswer> =>
    deps.http.request({ method: 'GET', path, signal, accept: [404, 422], maxBytes: LARGEST_SCHEMA });

  /** Undefined when there is no such thing. */
  async function read<T>(path: string, use: (answer: HttpAnswer) => T, signal?: AbortSignal): Promise<T | undefined> {
    const answer = await get(path, signal);
    const code = failureCode(answer);
    if (code === undefined) return use(answer);
    if (ABSENT.has(code)) return undefined;
    throw refused(code);
  }

  const rawVersion = (subject: string, number: number, signal?: AbortSignal): Promise<Version | undefined> =>
    read(`${subjectPath(subject)}/versions/${number}`, (answer) => readJson(SYSTEM, answer, Version), signal);

  async function oneVersion(
    subject: string,
    number: number,
    signal: AbortSignal | undefined,
  ): Promise<SubjectVersion | undefined> {
    try {
      const version = await rawVersion(subject, number, signal);
      return version && versionOf(version);
    } catch (thrown) {
      if (!(thrown instanceof AppError && thrown.kind === 'too_large')) throw thrown;
      // One huge version must not hide the others.
      return { version: number, id: UNKNOWN_ID, at: undefined, type: 'UNKNOWN', schema: '', unread: 'too_large' };
    }
  }

  return {
    async subjects(signal) {
      const answer = await deps.http.request({ method: 'GET', path: '/subjects', signal });
      return readJson(SYSTEM, answer, Subjects);
    },

    async versions(subject, signal) {
      const listed = await read(
        `${subjectPath(subject)}/versions`,
        (answer) => readJson(SYSTEM, answer, Versions).sort((a, b) => b - a),
        signal,
      );
      if (!listed) return undefined;
      const numbers = listed.slice(0, MOST_VERSIONS);
      const found: SubjectVersion[] = [];
      for (let at = 0; at < numbers.length; at += AT_ONCE) {
        const some = numbers.slice(at, at + AT_ONCE).map((number) => oneVersion(subject, number, signal));
        // Deleted between the two calls: not there any more.
        found.push(...(await Promise.all(some)).filter((one) => one !== undefined));
      }
      return withOriginals(found);
    },

    async compatibility(subject, signal) {
      const level = (answer: HttpAnswer): string | undefined =>
        readJson(SYSTEM, answer, Compatibility).compatibilityLevel ?? undefined;
      const own = await read(`/config/${encodeURIComponent(subject)}?defaultToGlobal=true`, level, signal);
      return own ?? (await read('/config', level, signal));
    },

    async accepts(subject, version, signal) {
      const old = await rawVersion(subject, version, signal);
      if (!old) return undefined;
      const answer = await deps.http.request({
        method: 'POST',
        path: `/compatibility${subjectPath(subject)}/versions`,
        headers: { 'content-type': REGISTRY_JSON, accept: REGISTRY_JSON },
        body: JSON.stringify(schemaBody(old)),
        signal,
        // Older registries compare with one version only, and not by the subject's rule; a login may read and not compare.
        accept: [403, 404, 405, 422, 500, 501],
      });
      return answer.status < 300 ? readJson(SYSTEM, answer, Fits).is_compatible : undefined;
    },
  };
}

const UNKNOWN_ID = -1;

function versionOf(version: Version): SubjectVersion {
  return {
    version: version.version,
    id: version.id,
    at: version.ts == null ? undefined : new Date(version.ts).toISOString(),
    type: typeOf(version),
    schema: version.schema,
    ...(version.references?.length
      ? { references: version.references.map(({ name, subject, version: of }) => ({ name, subject, version: of })) }
      : {}),
  };
}

/** Newest first, as given. Resolved oldest first, so that a repetition of a repetition is told as well. */
function withOriginals(found: readonly SubjectVersion[]): SubjectVersion[] {
  const told: SubjectVersion[] = [];
  for (const one of found.toReversed()) told.push({ ...one, schema: originalOf(one, told) });
  return told.reverse();
}

import { AppError } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type { HttpClient, SchemaRegistryWriter } from '../../src/domain/platform-ports.js';
import { repeats, repetitionOf } from './repeat.js';
import {
  failureCode,
  REGISTRY_JSON,
  Registered,
  refused,
  SYSTEM,
  schemaBody,
  subjectPath,
  typeOf,
  Version,
} from './shapes.js';

interface Attempt {
  body: Record<string, unknown>;
  /** Not every registry knows what it holds; one that refuses it for that has changed nothing. */
  odd: boolean;
}

/** Refusals that another wording would meet as well. */
const FINAL: ReadonlySet<number> = new Set([409, 40901, 42205, 42208, 42209]);

/**
 * Makes the schema of an earlier version the newest one, with credentials that may write. First in the words Confluent has for it,
 * which leave the text as it was; registries that do not know them answer with the old number and change nothing, and are then given
 * the schema with a mark. Each is sent once; `timeout` means that the versions must be read to know. Nothing is sent when the newest
 * version holds the wanted schema already, so asking again after a lost answer is safe.
 */
export function createRegistryWriter(deps: { http: HttpClient }): SchemaRegistryWriter {
  const readVersion = async (subject: string, version: number | 'latest'): Promise<Version> => {
    const path = `${subjectPath(subject)}/versions/${version}`;
    return readJson(SYSTEM, await deps.http.request({ method: 'GET', path }), Version);
  };

  /** The newest version after one attempt; undefined when the registry did not understand it. @throws AppError for what proves that nothing was done, or `timeout`. */
  const register = async (subject: string, { body, odd }: Attempt): Promise<Version | undefined> => {
    const answer = await deps.http.request({
      method: 'POST',
      path: `${subjectPath(subject)}/versions`,
      headers: { 'content-type': REGISTRY_JSON, accept: REGISTRY_JSON },
      body: JSON.stringify(body),
      accept: [400, 409, 422],
    });
    const code = failureCode(answer);
    if (code !== undefined && odd && !FINAL.has(code)) return undefined;
    if (code !== undefined) throw refused(code);
    return readOutcome(SYSTEM, () => {
      readJson(SYSTEM, answer, Registered);
      return readVersion(subject, 'latest');
    });
  };

  return {
    async promote(subject, version) {
      const old = await readVersion(subject, version);
      const before = await readVersion(subject, 'latest');
      if (before.version === version || sameContract(before, old)) return { version: before.version };
      const marked = repetitionOf({ version, schema: old.schema, type: typeOf(old) }, before.version);
      const attempts: Attempt[] = [{ body: newestAgain(old, before), odd: true }];
      if (marked !== undefined) attempts.push({ body: schemaBody(old, marked), odd: false });
      for (const attempt of attempts) {
        const latest = await register(subject, attempt);
        if (!latest || latest.version <= before.version) continue;
        if (sameContract(latest, old)) return { version: latest.version };
        throw new AppError('timeout', {
          safeText: `Somebody registered version ${latest.version} of ${subject} at the same time; its versions must be read.`,
        });
      }
      throw new AppError('invalid_input', {
        safeText: `The schema registry does not register this schema twice: version ${version} of ${subject} stays where it is.`,
      });
    },
  };
}

/**
 * Version -1 asks Confluent (7.7 and newer) for a new version although the schema is known. A version without metadata or rules would
 * take over those of the version that it is to replace, so none are given as empty ones.
 */
function newestAgain(old: Version, replaced: Version): Record<string, unknown> {
  const own = (key: 'metadata' | 'ruleSet'): Record<string, unknown> => {
    const value = old[key] ?? (replaced[key] ? {} : undefined);
    return value === undefined ? {} : { [key]: value };
  };
  return { ...schemaBody(old), version: -1, ...own('metadata'), ...own('ruleSet') };
}

function sameContract(one: Version, other: Version): boolean {
  const references = (version: Version): string => JSON.stringify(version.references ?? []);
  return (
    references(one) === references(other) &&
    repeats({ type: typeOf(one), schema: one.schema }, { type: typeOf(other), schema: other.schema })
  );
}

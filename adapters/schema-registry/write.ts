import { AppError } from '../../src/domain/errors.js';
import { readJson, readOutcome } from '../../src/domain/http-json.js';
import type { HttpClient, SchemaRegistryWriter } from '../../src/domain/platform-ports.js';
import { repetitionOf } from './repeat.js';
import { failureCode, Registered, subjectPath, Version } from './shapes.js';

const REGISTRY_JSON = 'application/vnd.schemaregistry.v1+json';

/** Registers schemas, with one attribute more than the old one had, with credentials that may write. Sent once; `timeout` means that the versions must be read to know. */
export function createRegistryWriter(deps: { http: HttpClient }): SchemaRegistryWriter {
  const readVersion = async (subject: string, version: number | 'latest'): Promise<Version> => {
    const path = `${subjectPath(subject)}/versions/${version}`;
    return readJson('Schema registry', await deps.http.request({ method: 'GET', path }), Version);
  };

  return {
    async promote(subject, version) {
      const old = await readVersion(subject, version);
      const before = await readVersion(subject, 'latest');
      const type = old.schemaType ?? 'AVRO';
      const schema = repetitionOf({ version, schema: old.schema, type }, before.version);
      if (schema === undefined) {
        throw new AppError('precondition', {
          safeText: `A ${type === 'PROTOBUF' ? 'Protobuf' : 'plain'} schema can not be registered a second time; a person must do it.`,
        });
      }
      const answer = await deps.http.request({
        method: 'POST',
        path: `${subjectPath(subject)}/versions`,
        headers: { 'content-type': REGISTRY_JSON, accept: REGISTRY_JSON },
        body: JSON.stringify({
          schema,
          ...(old.schemaType ? { schemaType: old.schemaType } : {}),
          ...(old.references?.length ? { references: old.references } : {}),
        }),
        accept: [409, 422],
      });
      if (failureCode(answer) !== undefined) {
        throw new AppError('precondition', {
          safeText: `The schema registry's compatibility rule does not allow version ${version} as the newest.`,
        });
      }
      const latest = await readOutcome('Schema registry', () => {
        readJson('Schema registry', answer, Registered);
        return readVersion(subject, 'latest');
      });
      if (latest.version <= before.version) {
        // A registry that looks at meaning and not at text answers 200 with the old id and changes nothing.
        throw new AppError('precondition', {
          safeText: `The schema registry keeps version ${version} where it is: it does not register the same schema twice.`,
        });
      }
      return { version: latest.version };
    },
  };
}

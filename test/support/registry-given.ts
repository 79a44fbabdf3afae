import { createHttpClient } from '../../adapters/http/client.js';
import { createRegistryReader } from '../../adapters/schema-registry/read.js';
import { createRegistryWriter } from '../../adapters/schema-registry/write.js';
import type { HttpClient } from '../../src/domain/platform-ports.js';
import type { RegistryGiven } from '../contract/expectations/registry-schemas.js';

export interface RegistryAddresses {
  /** With the API's path; here the two logins count. */
  url: string;
  /** The same without any login: what the registry's owner uses. */
  direct: string;
  reader: { user: string; password: string };
  repairer: { user: string; password: string };
  /** Begins every subject of this run. */
  prefix: string;
}

/** The production connector and the owner's own hands on one registry, simulated or real. */
export function registryGiven({ url, direct, reader, repairer, prefix }: RegistryAddresses): RegistryGiven {
  const logins = { reader, repairer };
  const authorization = ({ user, password }: { user: string; password: string }): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const client = (login: { user: string; password: string }): HttpClient =>
    createHttpClient({ system: 'Schema registry', baseUrl: url, headers: { authorization: authorization(login) } });
  const stranger = client({ user: repairer.user, password: 'wrong' });
  const owner = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(direct + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const subjectPath = (subject: string): string => `/subjects/${encodeURIComponent(subject)}`;
  return {
    reader: createRegistryReader({ http: client(reader) }),
    writer: createRegistryWriter({ http: client(repairer) }),
    strangers: { reader: createRegistryReader({ http: stranger }), writer: createRegistryWriter({ http: stranger }) },
    readerWrites: createRegistryWriter({ http: client(reader) }),
    name: (plain) => prefix + plain,
    owner: {
      async register(subject, schema) {
        return ((await owner('POST', `${subjectPath(subject)}/versions`, schema)) as { id: number }).id;
      },
      async setLevel(subject, compatibility) {
        await owner('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility });
      },
      async remove(subject, version) {
        await owner('DELETE', subjectPath(subject) + (version === undefined ? '' : `/versions/${version}`));
      },
    },
    async request(login, method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: { 'content-type': 'application/json', authorization: authorization(logins[login]) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      await response.arrayBuffer();
      return response.status;
    },
  };
}

import { afterAll, beforeAll } from 'vitest';
import { holdTo } from '../contract/contract.js';
import { registryContract } from '../contract/expectations/registry.js';
import type { RegistryGiven } from '../contract/expectations/registry-schemas.js';
import { registryGiven } from '../support/registry-given.js';
import { addressOf } from './up.js';

let given: RegistryGiven;
let version: string;
let direct: string;
const prefix = `contract-${process.pid}-${Date.now()}.`;

beforeAll(async () => {
  const address = await addressOf('registry');
  version = address.version;
  const need = (key: string): string => address[key] ?? '';
  direct = need('direct');
  given = registryGiven({
    url: need('url'),
    direct,
    reader: { user: need('reader'), password: need('readerPassword') },
    repairer: { user: need('repairer'), password: need('repairerPassword') },
    prefix,
  });
});
afterAll(async () => {
  const mine = (await given.reader.subjects()).filter((subject) => subject.startsWith(prefix));
  const naming = (subject: string): boolean => subject.endsWith('naming');
  // What another subject names can not be deleted before that one is gone for good.
  for (const subject of mine.sort((a, b) => Number(naming(b)) - Number(naming(a)))) {
    await given.owner.remove(subject);
    await fetch(`${direct}/subjects/${encodeURIComponent(subject)}?permanent=true`, { method: 'DELETE' });
  }
});

holdTo(registryContract, { name: 'Apicurio Registry', version: () => version }, () => given);

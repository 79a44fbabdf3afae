import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlatformReaders } from '../../src/domain/platform-ports.js';
import { schemaRegistryDiff } from '../../tools/diagnose/schema-registry-diff.js';
import { INVENTORY, POLICY } from '../../tools/testing/scenes.js';
import { holdTo } from '../contract/contract.js';
import { registryContract } from '../contract/expectations/registry.js';
import { avro, holds, ID, type RegistryGiven } from '../contract/expectations/registry-schemas.js';
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

holdTo(registryContract, { name: 'registry', version: () => version }, () => given);

describe('schema_registry_diff on a real registry', () => {
  it('tells a column that was renamed, and who can not read it', async () => {
    const amount = (name: string): object => ({ name, type: 'double', default: 0 });
    const subject = await holds(given, 'renamed', avro([ID, amount('amount')]), avro([ID, amount('amount_eur')]));
    const answer = await schemaRegistryDiff.run(
      { source: subject, since: '24h' },
      {
        readers: { registry: given.reader } as PlatformReaders,
        inventory: INVENTORY,
        policy: POLICY,
        now: () => new Date(),
        signal: AbortSignal.timeout(30_000),
      },
    );
    expect(answer).toMatchObject({ status: 'ok' });
    const lines = answer.status === 'ok' ? answer.text.split('\n') : [];
    expect(lines).toEqual([
      `subject name=${subject} latest=2 compatibility=BACKWARD versions=2,1 times=unknown`,
      'change from_version=1 to_version=2 kind=column_renamed field=amount from=amount to=amount_eur',
      expect.stringMatching(/^rename .* confidence=likely because="same type; same place; same default; similar name/),
      'reads reader_version=1 data_of_version=2 can=yes',
      'reads reader_version=2 data_of_version=1 can=yes',
    ]);
  });
});

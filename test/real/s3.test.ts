import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { createObjectStore } from '../../adapters/object-store/open.js';
import type { ObjectStore } from '../../src/domain/object-store.js';
import { itReadsLikeAnObjectStore } from './delta/object-store-cases.js';
import { type TestBucket, testBucket } from './delta/tables.js';

type Keys = { accessKeyId: string; secretAccessKey: string };
let given: TestBucket;
beforeAll(async () => {
  given = await testBucket();
});

const storeWith = (credentials: Keys, address: string): ObjectStore =>
  createObjectStore(address, { purpose: 'Delta lake', s3: { endpoint: given.endpoint, credentials } });

itReadsLikeAnObjectStore('S3 by moto', {
  put: (key, body) => given.put(key, body),
  open: (prefix) => storeWith(given.keys.reader, `s3://${given.bucket}/${prefix}`),
  openMissing: () => storeWith(given.keys.writer, 's3://no-such-bucket/x'),
});

describe('the credentials of an S3 store', () => {
  it('reads with a key that is refused when it is used to write', async () => {
    await given.put('keys/a', 'a');
    expect(
      (await storeWith(given.keys.reader, `s3://${given.bucket}/keys`).get('a', { maxBytes: 10 }))?.totalBytes,
    ).toBe(1);
    const refused = await given.client.reader
      .send(new PutObjectCommand({ Bucket: given.bucket, Key: 'keys/a', Body: 'b' }))
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const still = await given.client.writer.send(new GetObjectCommand({ Bucket: given.bucket, Key: 'keys/a' }));
    expect(await still.Body?.transformToString()).toBe('a');
  });

  it('tells a key nobody knows and a wrong secret from one that may not', async () => {
    const read = (credentials: Keys) => storeWith(credentials, `s3://${given.bucket}/keys`).get('a', { maxBytes: 10 });
    const unknown = read({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) });
    await expect(unknown).rejects.toMatchObject({ kind: 'unauthenticated' });
    const wrong = read({ ...given.keys.reader, secretAccessKey: 'x'.repeat(40) });
    await expect(wrong).rejects.toMatchObject({ kind: 'unauthenticated' });
    const elsewhere = storeWith(given.keys.reader, 's3://another-bucket/').get('a', { maxBytes: 10 });
    await expect(elsewhere).rejects.toMatchObject({ kind: expect.stringMatching(/forbidden|misconfigured/) });
  });
});

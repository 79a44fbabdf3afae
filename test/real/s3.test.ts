import { readFileSync } from 'node:fs';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { createObjectStore } from '../../adapters/object-store/open.js';
import type { ObjectStore } from '../../src/domain/object-store.js';
import { itReadsLikeAnObjectStore } from './delta/object-store-cases.js';
import { addressOf } from './up.js';

type Keys = { accessKeyId: string; secretAccessKey: string };
let endpoint: string;
let bucket: string;
let keys: { reader: Keys; writer: Keys };
let writer: S3Client;
let reader: S3Client;

beforeAll(async () => {
  const address = await addressOf('s3');
  endpoint = address['endpoint'] ?? '';
  bucket = address['bucket'] ?? '';
  keys = JSON.parse(readFileSync(address['keysFile'] ?? '', 'utf8')) as typeof keys;
  const common = { endpoint, region: 'us-east-1', forcePathStyle: true };
  writer = new S3Client({ ...common, credentials: keys.writer });
  reader = new S3Client({ ...common, credentials: keys.reader });
});

const storeWith = (credentials: Keys, address: string): ObjectStore =>
  createObjectStore(address, { purpose: 'Delta lake', s3: { endpoint, credentials } });
const put = (key: string, body: string | Uint8Array): Promise<unknown> =>
  writer.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));

itReadsLikeAnObjectStore('S3 by moto', {
  put,
  open: (prefix) => storeWith(keys.reader, `s3://${bucket}/${prefix}`),
  openMissing: () => storeWith(keys.writer, 's3://no-such-bucket/x'),
});

describe('the credentials of an S3 store', () => {
  it('reads with a key that is refused when it is used to write', async () => {
    await put('keys/a', 'a');
    expect((await storeWith(keys.reader, `s3://${bucket}/keys`).get('a', { maxBytes: 10 }))?.totalBytes).toBe(1);
    const refused = await reader
      .send(new PutObjectCommand({ Bucket: bucket, Key: 'keys/a', Body: 'b' }))
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    const still = await writer.send(new GetObjectCommand({ Bucket: bucket, Key: 'keys/a' }));
    expect(await still.Body?.transformToString()).toBe('a');
  });

  it('tells a key nobody knows and a wrong secret from one that may not', async () => {
    const read = (credentials: Keys) => storeWith(credentials, `s3://${bucket}/keys`).get('a', { maxBytes: 10 });
    const unknown = read({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) });
    await expect(unknown).rejects.toMatchObject({ kind: 'unauthenticated' });
    const wrong = read({ ...keys.reader, secretAccessKey: 'x'.repeat(40) });
    await expect(wrong).rejects.toMatchObject({ kind: 'unauthenticated' });
    const elsewhere = storeWith(keys.reader, 's3://another-bucket/').get('a', { maxBytes: 10 });
    await expect(elsewhere).rejects.toMatchObject({ kind: expect.stringMatching(/forbidden|misconfigured/) });
  });
});

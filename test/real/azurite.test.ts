import { readFileSync } from 'node:fs';
import {
  BlobSASPermissions,
  ContainerClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { beforeAll, describe, expect, it } from 'vitest';
import { createObjectStore } from '../../adapters/object-store/open.js';
import type { ObjectStore } from '../../src/domain/object-store.js';
import { itReadsLikeAnObjectStore } from './delta/object-store-cases.js';
import { addressOf } from './up.js';

const CONTAINER = 'lake';
let endpoint: string;
let account: string;
let accountKey: string;
let owner: ContainerClient;

beforeAll(async () => {
  const address = await addressOf('azurite');
  endpoint = address['endpoint'] ?? '';
  account = address['account'] ?? '';
  accountKey = readFileSync(address['keyFile'] ?? '', 'utf8');
  owner = new ContainerClient(`${endpoint}/${CONTAINER}`, new StorageSharedKeyCredential(account, accountKey));
  await owner.createIfNotExists();
});

/** A signature that may read and list, as a reader is given. */
function readOnly(): string {
  const permissions = ContainerSASPermissions.parse('rl');
  const expiresOn = new Date(Date.now() + 3_600_000);
  const credential = new StorageSharedKeyCredential(account, accountKey);
  return generateBlobSASQueryParameters({ containerName: CONTAINER, permissions, expiresOn }, credential).toString();
}

const put = (key: string, body: string | Uint8Array): Promise<unknown> =>
  owner.getBlockBlobClient(key).upload(body, Buffer.byteLength(body));
const storeAt = (address: string, login: { sas?: string; accountKey?: string }): ObjectStore =>
  createObjectStore(address, { purpose: 'Delta lake', azure: { endpoint, ...login } });
const lake = (prefix: string, container = CONTAINER): string =>
  `abfss://${container}@${account}.dfs.core.windows.net/${prefix}`;

itReadsLikeAnObjectStore('Azure by Azurite', {
  put,
  open: (prefix) => storeAt(lake(prefix), { sas: readOnly() }),
  openMissing: () => storeAt(lake('x', 'no-such-container'), { accountKey }),
});

describe('the credentials of an Azure store', () => {
  it('reads with a signature that is refused when it is used to write', async () => {
    await put('keys/a', 'a');
    const sas = readOnly();
    expect((await storeAt(lake('keys'), { sas }).get('a', { maxBytes: 10 }))?.totalBytes).toBe(1);
    const refused = await new ContainerClient(`${endpoint}/${CONTAINER}?${sas}`)
      .getBlockBlobClient('keys/a')
      .upload('b', 1)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ statusCode: 403, code: 'AuthorizationPermissionMismatch' });
    expect((await owner.getBlobClient('keys/a').downloadToBuffer()).toString()).toBe('a');
  });

  it('tells what it may not from what it does not know, and takes an account key as well', async () => {
    await put('keys/a', 'a');
    expect((await storeAt(lake('keys'), { accountKey }).get('a', { maxBytes: 10 }))?.totalBytes).toBe(1);
    const wrong = Buffer.alloc(64, 1).toString('base64');
    const read = (login: { sas?: string; accountKey?: string }) =>
      storeAt(lake('keys'), login).get('a', { maxBytes: 9 });
    await expect(read({ accountKey: wrong })).rejects.toMatchObject({
      kind: expect.stringMatching(/^(unauthenticated|forbidden)$/),
    });
    const expiresOn = new Date(Date.now() + 3_600_000);
    const listOnly = generateBlobSASQueryParameters(
      { containerName: CONTAINER, blobName: 'other', permissions: BlobSASPermissions.parse('r'), expiresOn },
      new StorageSharedKeyCredential(account, accountKey),
    ).toString();
    await expect(read({ sas: listOnly })).rejects.toMatchObject({
      kind: expect.stringMatching(/^(unauthenticated|forbidden)$/),
    });
  });
});

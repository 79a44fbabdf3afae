import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createObjectStore, type ObjectStoreOptions } from './open.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A store whose server answers every request like this, or never. */
async function answering(status: number | undefined, body = '', headers: Record<string, string> = {}): Promise<string> {
  const listening = createServer((_request, response) => {
    if (status !== undefined) response.writeHead(status, headers).end(body);
  });
  server = listening;
  await new Promise<void>((ready) => listening.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const SECRET = 'not-to-be-told';
const s3 = (endpoint: string): ObjectStoreOptions => ({
  purpose: 'Delta lake',
  // The SDK tries a throttled request three times, with waits drawn by lot.
  timeoutMs: 10_000,
  s3: { endpoint, credentials: { accessKeyId: 'A', secretAccessKey: SECRET } },
});
const azure = (endpoint: string): ObjectStoreOptions => ({
  purpose: 'Delta lake',
  timeoutMs: 6_000,
  azure: { endpoint, sas: `sv=1&sig=${SECRET}` },
});
const S3_URL = 's3://lake/tables';
const AZURE_URL = 'abfss://lake@account.dfs.core.windows.net/tables';
const xml = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>vendor words ${SECRET}</Message></Error>`;

async function failure(address: string, options: ObjectStoreOptions): Promise<{ kind: string; safeText: string }> {
  const store = createObjectStore(address, options);
  return store.get('a', { maxBytes: 10 }).then(
    () => Promise.reject(new Error('It was read.')),
    (error: unknown) => error as { kind: string; safeText: string },
  );
}

describe('createObjectStore', () => {
  it.each(['ftp://host/x', 's3:///x', 'abfss://account/x', 'https://account.blob.core.windows.net/', 'gs://b/x'])(
    'refuses the address %s and never repeats it',
    (address) => {
      const make = (): unknown => createObjectStore(`${address}?sig=${SECRET}`, { purpose: 'Delta lake' });
      expect(make).toThrow(expect.objectContaining({ kind: 'misconfigured' }));
      expect(make).not.toThrow(SECRET);
    },
  );

  it.each([
    [403, 'AccessDenied', 'forbidden'],
    [403, 'InvalidAccessKeyId', 'unauthenticated'],
    [403, 'SignatureDoesNotMatch', 'unauthenticated'],
    [400, 'ExpiredToken', 'unauthenticated'],
    [404, 'NoSuchBucket', 'misconfigured'],
    [301, 'PermanentRedirect', 'misconfigured'],
    [503, 'SlowDown', 'rate_limited'],
    [500, 'InternalError', 'unavailable'],
    [418, 'Teapot', 'unexpected_answer'],
  ])(
    'takes S3’s %d %s for %s, in our own words',
    async (status, code, kind) => {
      const error = await failure(
        S3_URL,
        s3(await answering(status, xml(code), { 'content-type': 'application/xml' })),
      );
      expect(error.kind).toBe(kind);
      expect(error.safeText).toMatch(/^The Delta lake /);
      expect(error.safeText).not.toContain('vendor words');
    },
    20_000,
  );

  it.each([
    [403, 'AuthorizationPermissionMismatch', 'forbidden'],
    [403, 'AuthenticationFailed', 'unauthenticated'],
    [404, 'ContainerNotFound', 'misconfigured'],
    [503, 'ServerBusy', 'rate_limited'],
    [418, 'Teapot', 'unexpected_answer'],
  ])(
    'takes Azure’s %d %s for %s, in our own words',
    async (status, code, kind) => {
      const headers = { 'content-type': 'application/xml', 'x-ms-error-code': code };
      const error = await failure(AZURE_URL, azure(await answering(status, xml(code), headers)));
      expect(error.kind).toBe(kind);
      expect(error.safeText).not.toContain(SECRET);
    },
    20_000,
  );

  it('gives up on a server that never answers, and says when none is there', async () => {
    const silent = await answering(undefined);
    expect(await failure(S3_URL, { ...s3(silent), timeoutMs: 200 })).toMatchObject({ kind: 'timeout' });
    expect(await failure(AZURE_URL, { ...azure(silent), timeoutMs: 200 })).toMatchObject({ kind: 'timeout' });
    const gone = 'http://127.0.0.1:9';
    expect(await failure(S3_URL, s3(gone))).toMatchObject({ kind: 'unavailable' });
    expect(await failure(AZURE_URL, azure(gone))).toMatchObject({ kind: 'unavailable' });
  }, 20_000);
});

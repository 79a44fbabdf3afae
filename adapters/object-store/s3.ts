import { GetObjectCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';
import type { ByteRange } from '../../src/domain/object-store.js';
import type { Backend } from './backend.js';

export interface S3Options {
  /** Another server that speaks S3: MinIO, Ceph, a test's. Buckets are then named in the path. */
  endpoint?: string | undefined;
  region?: string | undefined;
  /** Without it the SDK looks where it always does: shared files, web identity, the machine's role. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined } | undefined;
}

/** A bucket, below a folder of it that ends in `/` or is empty. */
export function createS3Backend(at: { bucket: string; folder: string; name: string }, options: S3Options): Backend {
  const { bucket, folder, name } = at;
  const region = options.region ?? (options.endpoint === undefined ? undefined : 'us-east-1');
  const client = new S3Client({
    ...(region === undefined ? {} : { region }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.credentials === undefined ? {} : { credentials: credentialsOf(options.credentials) }),
    // Other servers than Amazon's send no checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
  });
  return {
    errorOf: (thrown) => errorOfS3(name, thrown),
    async page({ prefix, startAfter, shallow, pageSize, from }, abortSignal) {
      const answer = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: folder + prefix,
          MaxKeys: pageSize,
          ...(startAfter === undefined ? {} : { StartAfter: folder + startAfter }),
          ...(shallow ? { Delimiter: '/' } : {}),
          ...(from === undefined ? {} : { ContinuationToken: from }),
        }),
        { abortSignal },
      );
      const objects = (answer.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
        key: Key.slice(folder.length),
        bytes: Size,
        modifiedMs: LastModified?.getTime() ?? 0,
      }));
      return { objects, next: answer.IsTruncated ? answer.NextContinuationToken : undefined };
    },
    async open(key, range, abortSignal) {
      try {
        const answer = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: folder + key,
            ...(range === undefined ? {} : { Range: rangeText(range) }),
          }),
          { abortSignal },
        );
        return {
          body: answer.Body as AsyncIterable<Uint8Array>,
          totalBytes: totalOf(answer.ContentRange) ?? answer.ContentLength ?? 0,
          modifiedMs: answer.LastModified?.getTime() ?? 0,
        };
      } catch (thrown) {
        if (thrown instanceof S3ServiceException && thrown.name === 'NoSuchKey') return undefined;
        // An empty object has no last bytes to give.
        if (statusOf(thrown) === 416) return { body: noBytes(), totalBytes: 0, modifiedMs: 0 };
        throw thrown;
      }
    },
  };
}

function credentialsOf({ sessionToken, ...keys }: NonNullable<S3Options['credentials']>): {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
} {
  return { ...keys, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

async function* noBytes(): AsyncIterable<Uint8Array> {
  // No bytes.
}

function rangeText(range: ByteRange): string {
  return 'tail' in range ? `bytes=-${range.tail}` : `bytes=${range.start}-${range.end - 1}`;
}

function totalOf(contentRange: string | undefined): number | undefined {
  const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

const statusOf = (thrown: unknown): number | undefined =>
  (thrown as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const KIND_OF_NAME: Record<string, [ErrorKind, string]> = {
  NoSuchBucket: ['misconfigured', 'is not there'],
  PermanentRedirect: ['misconfigured', 'lies in another region than the configured one'],
  AuthorizationHeaderMalformed: ['misconfigured', 'lies in another region than the configured one'],
  CredentialsProviderError: ['misconfigured', 'needs credentials and none were found'],
  InvalidAccessKeyId: ['unauthenticated', 'does not know our credentials'],
  SignatureDoesNotMatch: ['unauthenticated', 'does not accept our secret key'],
  ExpiredToken: ['unauthenticated', 'says that our credentials have expired'],
  InvalidToken: ['unauthenticated', 'does not know our session token'],
  SlowDown: ['rate_limited', 'asks us to slow down'],
};

function errorOfS3(name: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const say = (kind: ErrorKind, meaning: string): AppError =>
    new AppError(kind, { safeText: `${name} ${meaning}.`, cause: thrown });
  const known = KIND_OF_NAME[(thrown as Error).name];
  if (known) return say(...known);
  const status = statusOf(thrown);
  if (status === 401) return say('unauthenticated', 'does not know our credentials');
  if (status === 403) return say('forbidden', 'does not allow this to our credentials');
  if (status === 429) return say('rate_limited', 'asks us to slow down');
  if (status !== undefined && status < 500) return say('unexpected_answer', `answered with status ${status}`);
  return say('unavailable', status === undefined ? 'can not be reached' : 'is not able to answer now');
}

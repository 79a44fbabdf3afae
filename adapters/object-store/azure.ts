import { DefaultAzureCredential } from '@azure/identity';
import {
  AnonymousCredential,
  type BlobItem,
  ContainerClient,
  RestError,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';
import type { Backend, PageRequest } from './backend.js';

export interface AzureOptions {
  /** Another server that speaks the blob API, with the account in its path where it wants it so: Azurite, Azure Stack. */
  endpoint?: string | undefined;
  /** A shared access signature, with or without the leading `?`. */
  sas?: string | undefined;
  /** The account's key. Without SAS and key: environment, workload identity, managed identity or the signed-in developer. */
  accountKey?: string | undefined;
}

/** A container, below a folder of it that ends in `/` or is empty; spoken to through the account's blob endpoint, which Data Lake accounts have too. */
export function createAzureBackend(
  at: { account: string; host: string; container: string; folder: string; name: string },
  options: AzureOptions,
): Backend {
  const { folder, name } = at;
  const client = clientOf(at, options);
  // Asked for once: accounts that do not know the parameter refuse the request.
  let startFromIsKnown = true;
  const pageOf = async (
    request: PageRequest,
    abortSignal: AbortSignal,
    startFrom: string | undefined,
  ): Promise<{ items: BlobItem[]; next: string | undefined }> => {
    const settings = {
      prefix: folder + request.prefix,
      abortSignal,
      ...(startFrom === undefined ? {} : { startFrom }),
    };
    const page = {
      maxPageSize: request.pageSize,
      ...(request.from === undefined ? {} : { continuationToken: request.from }),
    };
    const { value } = request.shallow
      ? await client.listBlobsByHierarchy('/', settings).byPage(page).next()
      : await client.listBlobsFlat(settings).byPage(page).next();
    const next: string | undefined = value?.continuationToken;
    return { items: value?.segment.blobItems ?? [], next: next === '' ? undefined : next };
  };
  return {
    errorOf: (thrown) => errorOfAzure(name, thrown),
    async page(request, signal) {
      const after = request.startAfter === undefined ? undefined : folder + request.startAfter;
      const found = await pageOf(request, signal, startFromIsKnown ? after : undefined).catch((thrown: unknown) => {
        if (after === undefined || !startFromIsKnown || (thrown as RestError).statusCode !== 400) throw thrown;
        startFromIsKnown = false;
        return pageOf(request, signal, undefined);
      });
      const objects = found.items
        .filter((blob) => after === undefined || Buffer.compare(Buffer.from(blob.name), Buffer.from(after)) > 0)
        .map((blob) => ({
          key: blob.name.slice(folder.length),
          bytes: blob.properties.contentLength ?? 0,
          modifiedMs: blob.properties.lastModified.getTime(),
        }));
      return { objects, next: found.next };
    },
    async open(key, range, abortSignal) {
      const blob = client.getBlobClient(folder + key);
      try {
        // The blob API knows no suffix ranges.
        const bounds = range && 'tail' in range ? await tailOf(blob, range.tail, abortSignal) : range;
        if (bounds === 'empty') return { body: noBytes(), totalBytes: 0, modifiedMs: 0 };
        const answer = await blob.download(bounds?.start, bounds && bounds.end - bounds.start, { abortSignal });
        const total = /\/(\d+)$/.exec(answer.contentRange ?? '')?.[1];
        return {
          body: (answer.readableStreamBody ?? noBytes()) as AsyncIterable<Uint8Array>,
          totalBytes: total === undefined ? (answer.contentLength ?? 0) : Number(total),
          modifiedMs: answer.lastModified?.getTime() ?? 0,
        };
      } catch (thrown) {
        if (thrown instanceof RestError && thrown.statusCode === 404 && thrown.code !== 'ContainerNotFound') {
          return undefined;
        }
        throw thrown;
      }
    },
  };
}

async function tailOf(
  blob: ReturnType<ContainerClient['getBlobClient']>,
  tail: number,
  abortSignal: AbortSignal,
): Promise<{ start: number; end: number } | 'empty'> {
  const { contentLength = 0 } = await blob.getProperties({ abortSignal });
  return contentLength === 0 ? 'empty' : { start: Math.max(0, contentLength - tail), end: contentLength };
}

async function* noBytes(): AsyncIterable<Uint8Array> {
  // No bytes.
}

function clientOf(at: { account: string; host: string; container: string }, options: AzureOptions): ContainerClient {
  const base = (options.endpoint ?? `https://${at.host}`).replace(/\/$/, '');
  const url = `${base}/${at.container}`;
  const pipeline = { retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 } };
  if (options.sas !== undefined) {
    return new ContainerClient(`${url}?${options.sas.replace(/^\?/, '')}`, new AnonymousCredential(), pipeline);
  }
  return options.accountKey === undefined
    ? new ContainerClient(url, new DefaultAzureCredential(), pipeline)
    : new ContainerClient(url, new StorageSharedKeyCredential(at.account, options.accountKey), pipeline);
}

const KIND_OF_CODE: Record<string, [ErrorKind, string]> = {
  ContainerNotFound: ['misconfigured', 'is not there'],
  AuthenticationFailed: ['unauthenticated', 'does not know our credentials'],
  InvalidAuthenticationInfo: ['unauthenticated', 'does not know our credentials'],
  NoAuthenticationInformation: ['unauthenticated', 'needs credentials'],
  ServerBusy: ['rate_limited', 'asks us to slow down'],
};

function errorOfAzure(name: string, thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const say = (kind: ErrorKind, meaning: string): AppError =>
    new AppError(kind, { safeText: `${name} ${meaning}.`, cause: thrown });
  const { statusCode: status, code = '', name: type } = thrown as Partial<RestError>;
  const known = KIND_OF_CODE[code];
  if (known) return say(...known);
  if (type === 'CredentialUnavailableError' || type === 'AggregateAuthenticationError') {
    return say('misconfigured', 'needs credentials and none were found');
  }
  if (type === 'AuthenticationError' || status === 401) return say('unauthenticated', 'does not know our credentials');
  if (status === 403) return say('forbidden', 'does not allow this to our credentials');
  if (status === 429) return say('rate_limited', 'asks us to slow down');
  if (status !== undefined && status < 500) return say('unexpected_answer', `answered with status ${status}`);
  return say('unavailable', status === undefined ? 'can not be reached' : 'is not able to answer now');
}

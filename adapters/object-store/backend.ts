import type { ByteRange, StoredObject } from '../../src/domain/object-store.js';

/** What differs between a folder, S3 and Azure; time-outs, bounds and key checks are the same for all and lie in `bounded.ts`. */
export interface Backend {
  /** One page of objects in the order of their keys; `next` is undefined on the last one. */
  page(request: PageRequest, signal: AbortSignal): Promise<{ objects: StoredObject[]; next: string | undefined }>;
  /** Undefined when there is no such object. An empty object asked for its tail is an empty body. */
  open(key: string, range: ByteRange | undefined, signal: AbortSignal): Promise<OpenedObject | undefined>;
  /** A vendor's error in our terms. */
  errorOf(thrown: unknown): Error;
}

export interface PageRequest {
  prefix: string;
  startAfter: string | undefined;
  shallow: boolean;
  pageSize: number;
  /** What the page before said comes next. */
  from: string | undefined;
}

export interface OpenedObject {
  body: AsyncIterable<Uint8Array>;
  totalBytes: number;
  modifiedMs: number;
}

/** Files in a folder, a bucket or a container, seen through one door that can not write. */
export interface ObjectStore {
  /** As it was configured, without any credential: for texts that people read. */
  readonly name: string;
  /**
   * The objects whose key starts with `prefix`, in the order of their keys (bytes), asked for page by page as they are taken.
   * @throws AppError `misconfigured` when bucket, container or folder is not there; `unauthenticated`, `forbidden`, `unavailable`, `rate_limited`, `timeout`.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<StoredObject>;
  /**
   * An object's bytes, or a part of them; undefined when there is no such object.
   * @throws AppError as `list` does, and `too_large` when more than `maxBytes` would have to be read.
   */
  get(key: string, options: GetOptions): Promise<ObjectBytes | undefined>;
  /** An object's bytes as they come, never all at once; throws `too_large` as soon as more than `maxBytes` have come. */
  stream(key: string, options: StreamOptions): Promise<ObjectStream | undefined>;
}

export interface StoredObject {
  /** Below the store's address, with `/` between folders. */
  key: string;
  bytes: number;
  /** Unix milliseconds. */
  modifiedMs: number;
}

export interface ListOptions {
  /** Only keys that come after this one; it need not exist. */
  startAfter?: string;
  /** `true`: only objects with no further `/` after the prefix. */
  shallow?: boolean;
  /** How many are asked for at a time; for those who will only take the first few. */
  pageSize?: number;
  signal?: AbortSignal | undefined;
}

/** `end` is exclusive; a tail is that many last bytes, or the whole object when it is smaller. */
export type ByteRange = { start: number; end: number } | { tail: number };

export interface StreamOptions {
  maxBytes: number;
  signal?: AbortSignal | undefined;
}
export interface GetOptions extends StreamOptions {
  /** The whole object when not given. */
  range?: ByteRange;
}

export interface ObjectBytes {
  bytes: Uint8Array;
  /** Of the whole object. */
  totalBytes: number;
  modifiedMs: number;
}
export interface ObjectStream {
  body: AsyncIterable<Uint8Array>;
  totalBytes: number;
  modifiedMs: number;
}

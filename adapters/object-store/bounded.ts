import { AppError } from '../../src/domain/errors.js';
import type {
  GetOptions,
  ListOptions,
  ObjectStore,
  StoredObject,
  StreamOptions,
} from '../../src/domain/object-store.js';
import type { Backend, OpenedObject } from './backend.js';

/** The most that S3 gives at once. */
const PAGE = 1_000;

export interface BoundedOptions {
  name: string;
  /** Without an answer, or without the next bytes of one, for this long the call is given up. */
  timeoutMs: number;
}

/** Puts time-out, cancellation, size bounds and key checks around a backend that is opened on first use. */
export function createBoundedStore(open: () => Promise<Backend>, options: BoundedOptions): ObjectStore {
  let opened: Promise<Backend> | undefined;
  const backend = (): Promise<Backend> => {
    opened ??= open();
    return opened;
  };

  /** Runs one step of a call; `rest` ends the whole call, too. */
  async function within<T>(watch: Watch, work: (backend: Backend, signal: AbortSignal) => Promise<T>): Promise<T> {
    const vendor = await backend();
    watch.restart();
    try {
      return await Promise.race([work(vendor, watch.signal), watch.ended]);
    } catch (thrown) {
      throw watch.reason() ?? vendor.errorOf(thrown);
    } finally {
      watch.stop();
    }
  }

  async function* list(prefix: string, request: ListOptions = {}): AsyncIterable<StoredObject> {
    checkKey(prefix);
    const { startAfter, shallow = false, pageSize = PAGE, signal } = request;
    let from: string | undefined;
    do {
      const page = await within(watchOf(options, signal), (vendor, until) =>
        vendor.page({ prefix, startAfter, shallow, pageSize, from }, until),
      );
      yield* page.objects;
      from = page.next;
    } while (from !== undefined);
  }

  async function stream(key: string, request: GetOptions | StreamOptions): Promise<OpenedObject | undefined> {
    checkKey(key);
    const watch = watchOf(options, request.signal);
    const range = 'range' in request ? request.range : undefined;
    const found = await within(watch, (vendor, until) => vendor.open(key, range, until));
    return found && { ...found, body: chunks(found.body, watch, request.maxBytes) };
  }

  async function* chunks(body: AsyncIterable<Uint8Array>, watch: Watch, maxBytes: number): AsyncIterable<Uint8Array> {
    const parts = body[Symbol.asyncIterator]();
    let bytes = 0;
    try {
      for (;;) {
        const { done, value } = await within(watch, () => parts.next());
        if (done) return;
        bytes += value.byteLength;
        if (bytes > maxBytes) throw tooLarge(options.name, maxBytes);
        yield value;
      }
    } finally {
      // Ends the connection when the reader stops early.
      parts.return?.().catch(() => undefined);
    }
  }

  return {
    name: options.name,
    list,
    stream,
    async get(key, request) {
      const found = await stream(key, request);
      if (!found) return undefined;
      const parts: Uint8Array[] = [];
      for await (const part of found.body) parts.push(part);
      return { bytes: Buffer.concat(parts), totalBytes: found.totalBytes, modifiedMs: found.modifiedMs };
    },
  };
}

interface Watch {
  signal: AbortSignal;
  /** Rejects when time is up or the caller gave up. */
  ended: Promise<never>;
  restart(): void;
  stop(): void;
  /** Why it ended, if it did. */
  reason(): AppError | undefined;
}

/** A time-out that starts anew with each step, joined with the caller's signal. */
function watchOf({ name, timeoutMs }: BoundedOptions, caller: AbortSignal | undefined): Watch {
  const control = new AbortController();
  let reason: AppError | undefined;
  let timer: NodeJS.Timeout | undefined;
  let fail: (error: AppError) => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  ended.catch(() => undefined);
  const end = (safeText: string): void => {
    reason ??= new AppError('timeout', { safeText });
    fail(reason);
    control.abort();
  };
  const givenUp = (): void => end(`${name} was asked, but the call was given up.`);
  if (caller?.aborted) givenUp();
  // A signal of its own: many reads at once would be many listeners on the caller's.
  const heard = caller && AbortSignal.any([caller]);
  return {
    signal: control.signal,
    ended,
    restart() {
      clearTimeout(timer);
      timer = setTimeout(() => end(`${name} did not answer in time.`), timeoutMs);
      heard?.addEventListener('abort', givenUp, { once: true });
    },
    stop() {
      clearTimeout(timer);
      heard?.removeEventListener('abort', givenUp);
      if (caller?.aborted) givenUp();
    },
    reason: () => reason,
  };
}

function tooLarge(name: string, maxBytes: number): AppError {
  return new AppError('too_large', {
    safeText: `An object of ${name} holds more than the ${maxBytes} bytes that are read.`,
  });
}

/** A key leads below the store's address and nowhere else. */
function checkKey(key: string): void {
  if (key.startsWith('/') || key.includes('\0') || key.split('/').some((part) => part === '..' || part === '.')) {
    throw new AppError('invalid_input', { safeText: 'A key is a path below the store, without dots for folders.' });
  }
}

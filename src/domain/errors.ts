/** What went wrong, in the terms of the one who must react; one vendor mapper per adapter turns foreign errors into these. */
export type ErrorKind =
  | 'invalid_input'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable'
  | 'timeout'
  | 'unexpected_answer'
  | 'precondition'
  | 'misconfigured'
  | 'tampered'
  | 'internal';

const RETRYABLE: ReadonlySet<ErrorKind> = new Set(['conflict', 'rate_limited', 'unavailable', 'timeout']);

export interface AppErrorOptions {
  /** Trusted text only: our own words and names from configuration, never a vendor's answer. Reaches models and threads. */
  safeText: string;
  /** The input field at fault, as a JSON path, where there is one. */
  field?: string;
  retryable?: boolean;
  /** How long the other side asked to be left alone; for `rate_limited`. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** The only error the project throws on purpose. Caught at three edges: worker, http, agent loop. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly safeText: string;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ErrorKind, options: AppErrorOptions) {
    super(options.safeText, { cause: options.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.safeText = options.safeText;
    this.field = options.field;
    this.retryAfterMs = options.retryAfterMs;
    this.retryable = options.retryable ?? RETRYABLE.has(kind);
  }
}

/** Any thrown value as an AppError; what is not ours becomes `internal` with a text that gives nothing away. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('internal', {
    safeText: 'Something failed inside Countersign; see the process log.',
    cause: thrown,
  });
}

import type { Response } from 'express';
import { AppError, asAppError, type ErrorKind } from '../../src/domain/errors.js';

const STATUS: Partial<Record<ErrorKind, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
  timeout: 503,
};

const TITLES: Record<number, string> = {
  400: 'Not understood',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  429: 'Too many tries',
  503: 'Not available',
};

/** What a body parser or a broken address throws, as ours. */
export function asWebError(thrown: unknown): AppError {
  const { status, type } = thrown as { status?: number; type?: string };
  if (thrown instanceof AppError || status === undefined || status >= 500) return asAppError(thrown);
  if (type === 'entity.too.large') return new AppError('too_large', { safeText: 'That is too large.', cause: thrown });
  return new AppError('invalid_input', { safeText: 'The request can not be read.', cause: thrown });
}

export function statusOf(error: AppError): number {
  return STATUS[error.kind] ?? 500;
}

export function titleOf(status: number): string {
  return TITLES[status] ?? 'Something failed';
}

/** RFC 9457. */
export function sendProblem(response: Response, error: AppError): void {
  const status = statusOf(error);
  const { field, safeText: detail } = error;
  if (status === 503) response.set('Retry-After', '5');
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: titleOf(status), status, detail, field }));
}

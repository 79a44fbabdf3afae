import { AppError } from '../domain/errors.js';
import { controlOf, type LocalStack } from './local.js';

/** The harness's own door to a simulated world: a POST where there is a body. @throws AppError `unexpected_answer`. */
export async function askControl(
  stack: Pick<LocalStack, 'controlUrl'>,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(new URL(path, controlOf(stack)), body === undefined ? {} : post);
  if (response.ok) return response.json();
  throw new AppError('unexpected_answer', {
    safeText: `The simulated platform's control answered ${response.status} to ${path}.`,
  });
}

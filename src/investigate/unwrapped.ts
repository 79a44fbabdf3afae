/** LangChain wraps what a middleware throws, once for each middleware; this is the error itself. */
export function unwrapped(error: unknown): unknown {
  let inner = error;
  while (
    inner instanceof Error &&
    '~brand' in inner &&
    inner['~brand'] === 'MiddlewareError' &&
    inner.cause !== undefined
  ) {
    inner = inner.cause;
  }
  return inner;
}

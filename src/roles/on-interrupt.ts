/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/**
 * Until the answer is called, Ctrl-C (or SIGTERM) first ends what was started and then this process: a Redis server or a temporary
 * folder must not outlive the command that made it. A second Ctrl-C does not wait.
 */
export function onInterrupt(end: () => Promise<void>): () => void {
  const handle = (): void => void end().finally(() => process.exit(INTERRUPTED));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, handle);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, handle);
  };
}

import { type Logger, pino } from 'pino';

export type ProcessLog = Logger;

/**
 * The process log: what operators read, never the audit log. Field names that may hold secrets are cut by key;
 * log texts are static, values go into fields.
 */
export function createProcessLog(
  role: string,
  level = 'info',
  destination: NodeJS.WritableStream = process.stderr,
): ProcessLog {
  return pino(
    {
      level,
      base: { role },
      redact: {
        paths: ['*.authorization', '*.password', '*.token', '*.secret', '*.apiKey', 'headers.authorization', 'url'],
        censor: '<REDACTED>',
      },
      serializers: { error: errorForLog },
    },
    destination,
  );
}

/** Errors in the log: name, kind and our own text; a foreign message only as its first 300 characters. */
function errorForLog(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { text: String(thrown).slice(0, 300) };
  const { kind, safeText } = thrown as { kind?: string; safeText?: string };
  const cause = thrown.cause === undefined ? undefined : errorForLog(thrown.cause);
  return {
    name: thrown.name,
    kind,
    text: (safeText ?? thrown.message).slice(0, 300),
    stack: kind === undefined || kind === 'internal' ? thrown.stack : undefined,
    cause,
  };
}

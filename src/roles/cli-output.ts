import { AppError, asAppError } from '../domain/errors.js';

/** Exit codes of the command line: 0 good, 1 a finding or a failure, 2 wrong usage, 3 not configured, 4 unfinished: to be gone on with. */
export const EXIT = { good: 0, failure: 1, usage: 2, misconfigured: 3, unfinished: 4 } as const;

export interface Output {
  line(text?: string): void;
  json(value: unknown): void;
  error(text: string): void;
}

export function createOutput(
  out: NodeJS.WritableStream = process.stdout,
  err: NodeJS.WritableStream = process.stderr,
): Output {
  // Whoever reads may have seen enough (`| head`): that is no failure of the command.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? EXIT.good);
  });
  return {
    line: (text = '') => void out.write(`${text}\n`),
    json: (value) => void out.write(`${JSON.stringify(value, null, 2)}\n`),
    error: (text) => void err.write(`${text}\n`),
  };
}

/** A command as an action of the command line: its number, or its error, becomes the exit code. */
export type Act = <A extends unknown[]>(command: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;

/** Runs one command: its number is the exit code, its error is one line on standard error. */
export async function runCommand(output: Output, command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (thrown) {
    const error = asAppError(thrown);
    output.error(
      error.kind === 'internal' && thrown instanceof Error && !(thrown instanceof AppError)
        ? (thrown.stack ?? thrown.message)
        : error.safeText,
    );
    process.exitCode =
      error.kind === 'misconfigured' ? EXIT.misconfigured : error.kind === 'invalid_input' ? EXIT.usage : EXIT.failure;
  }
}

/** Rows as aligned columns; the last column is cut to the terminal's width. */
export function table(rows: string[][], width = process.stdout.columns ?? 160): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
      .slice(0, width),
  );
}

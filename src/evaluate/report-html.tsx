import { renderToString } from 'preact-render-to-string';
import { AppError } from '../domain/errors.js';
import type { BenchmarkRun } from './model.js';
import { renderTextReport } from './report-text.js';

/** One self-contained page of the first run; the others serve the curve of accuracy against the cap. */
export function renderHtmlReport(runs: readonly BenchmarkRun[]): string {
  const [reported] = runs;
  if (!reported) throw new AppError('invalid_input', { safeText: 'runs: a report needs at least one folder of results.' });
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Countersign benchmark</title>
      </head>
      <body>
        <pre>{renderTextReport(reported)}</pre>
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(page)}`;
}

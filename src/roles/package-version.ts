import { readFileSync } from 'node:fs';

/** The version of this package: package.json lies above `src` as well as above the compiled `dist/src`. */
export function packageVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (name === 'countersign' && version !== undefined) return version;
    } catch {
      // The other place is tried.
    }
  }
  return 'unknown';
}

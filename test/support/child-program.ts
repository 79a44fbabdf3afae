import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Compiles one program of test/ with all it imports, so that a test can run it as a process of its own; answers with its path.
 * Types are not checked here. The output stays inside the package, where imports of packages resolve.
 */
export function compileChild(source: string): string {
  const out = join('var', 'test-children');
  mkdirSync(out, { recursive: true });
  const config = join(out, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { outDir: '.', rootDir: '../..', noCheck: true, incremental: false },
      files: [`../../${source}`],
      include: [],
    }),
  );
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' });
  // tsc copies no data.
  for (const data of ['adapters/redis/library.lua', 'adapters/web/page.css'])
    if (existsSync(dirname(join(out, data)))) copyFileSync(data, join(out, data));
  return join(out, source.replace(/\.ts$/, '.js'));
}

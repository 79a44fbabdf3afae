import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

const SOURCE = 'adapters/sandbox';

/** Compiles the program of the sandbox's process, so that a test can start it; inside the package, where imports of packages resolve. */
export function compileSandboxProgram(): { program: string; remove(): void } {
  const base = resolve('var', 'test-children');
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, 'sandbox-'));
  for (const name of readdirSync(SOURCE).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(SOURCE, name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), outputText);
  }
  return { program: join(folder, 'child.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

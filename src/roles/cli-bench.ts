import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXIT, type Output } from './cli-output.js';

export interface BenchOptions {
  only: string[] | undefined;
  json: boolean;
}

/** `bench`: the measurements live beside the tests and run as their own program, so that nothing of production imports them. */
export function runBench(output: Output, options: BenchOptions): Promise<number> {
  const program = fileURLToPath(new URL('../../test/bench/main.js', import.meta.url));
  const args = [...(options.json ? ['--json'] : []), ...(options.only ?? [])];
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  child.once('error', () => output.error('The benchmark program could not be started; run npm run build first.'));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? EXIT.failure)));
}

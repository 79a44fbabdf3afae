import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LocalConfig, RoleName } from '../config.js';
import { EXIT, type Output } from './cli-output.js';
import { deliverScenarioAlert, startLocal } from './local.js';

export interface StartOptions {
  /** The world that the simulated platform serves. */
  scenario?: string;
  /** A file that connects systems of your own instead. */
  platform?: string;
}

/** `start`: everything on one machine until Ctrl-C. On the very first start of a simulated platform the sample incident is opened. */
export async function startEverything(config: LocalConfig, output: Output, options: StartOptions): Promise<number> {
  const interrupted = untilInterrupted();
  const stack = await startLocal({
    config,
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
    ...(options.platform === undefined ? {} : { platformFile: options.platform }),
    print: output.line,
  });
  try {
    const earlier = await stack.client.list();
    const simulated = stack.controlUrl !== undefined;
    const opened = simulated && earlier.length === 0 ? await deliverScenarioAlert(stack) : undefined;
    output.line();
    output.line(`  Countersign is at ${stack.url}${opened === undefined ? '' : `/incidents/${opened}`}`);
    output.line();
    output.line(
      simulated
        ? '  The data platform behind it is simulated and there is no model: the playbook reasons. Nothing leaves this machine.'
        : `  It works on the systems of ${options.platform}. Alerts are taken at ${stack.url}/intake/…; the token is in ${config.dataDir}/keys/intake-token.`,
    );
    output.line(
      opened === undefined
        ? `  ${earlier.length} earlier incidents are in the list.`
        : `  The sample incident ${opened} is being investigated.`,
    );
    output.line('  Ctrl-C stops everything that was started.');
    await interrupted;
    output.line('Stopping…');
  } finally {
    await stack.stop();
  }
  return EXIT.good;
}

/** `start --role R`: that role alone, in this terminal, with this environment. */
export function startRole(role: RoleName): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`./${role}.js`, import.meta.url))], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? EXIT.failure)));
}

function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

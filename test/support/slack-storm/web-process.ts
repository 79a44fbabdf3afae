import { type ChildProcess, fork } from 'node:child_process';

/** The web role as a process that a storm may kill and start again. */
export interface WebProcess {
  url(): string;
  /** SIGKILL: no farewell, nothing flushed. */
  kill9(): Promise<void>;
  start(): Promise<void>;
  /** SIGTERM, and waits. */
  stop(): Promise<void>;
}

export async function startWebProcess(program: string, env: NodeJS.ProcessEnv): Promise<WebProcess> {
  let child: ChildProcess | undefined;
  let url = '';
  const ended = (one: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      if (one.exitCode !== null || one.signalCode !== null) return resolve();
      one.once('exit', () => resolve());
    });
  const start = async (): Promise<void> => {
    const started = fork(program, [], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child = started;
    url = await new Promise<string>((resolve, reject) => {
      started.once('message', (message) => resolve((message as { url: string }).url));
      started.once('exit', (code) => reject(new Error(`the web role ended with ${code} before it was ready`)));
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined) return;
    child.kill(signal);
    await ended(child);
  };
  await start();
  return { url: () => url, kill9: () => end('SIGKILL'), start, stop: () => end('SIGTERM') };
}

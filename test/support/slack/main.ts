import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  environmentOf,
  keepPrivate,
  localRoutes,
  localSecrets,
  localWorkspace,
  withLocalRoutes,
} from './local-workspace.js';
import { createSlackPage } from './page/page.js';
import { startSlack } from './server.js';
import type { SlackServer } from './server-types.js';

const USAGE = `npm run slack:local -- [--port 4590] [--app http://127.0.0.1:4580/slack/events] [--socket] [--speed 1]

A simulated Slack on this machine, with a page for people. Nothing leaves the machine, and all is gone when it stops.
  --port    where the page and the Web API listen
  --app     where the app takes events, clicks and commands
  --socket  Socket Mode instead: the app connects to this Slack
  --speed   how many times faster its time passes: limits, retries, deadlines`;

const ENV_FILE = 'var/slack/env';
const POLICY_FILE = 'var/slack/policy.yaml';
const KNOCK_MS = 2000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Wishes {
  port: number;
  app: string;
  socket: boolean;
  speed: number;
}

/** @throws Error for an option that is not there, or a number that is none. */
function wishesOf(argv: string[]): Wishes | undefined {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '4590' },
      app: { type: 'string', default: 'http://127.0.0.1:4580/slack/events' },
      socket: { type: 'boolean', default: false },
      speed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const port = Number(values.port);
  const speed = Number(values.speed);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port takes a port number.');
  if (!(speed > 0 && speed <= 1000)) throw new Error('--speed takes a number above 0, at most 1000.');
  if (!URL.canParse(values.app)) throw new Error('--app takes the address at which the app listens.');
  return { port, app: values.app, socket: values.socket, speed };
}

async function main(argv: string[]): Promise<number> {
  const wishes = wishesOf(argv);
  if (wishes === undefined) {
    say(USAGE);
    return 0;
  }
  const secrets = localSecrets(ENV_FILE);
  const page = createSlackPage();
  const server = await startSlack({
    ...localWorkspace(secrets, wishes.socket),
    port: wishes.port,
    speed: wishes.speed,
    page: page.handle,
  });
  page.attach(server);
  const policyFile = policyWithRoutes();
  const environment = environmentOf({
    secrets,
    apiUrl: server.apiUrl,
    socketMode: wishes.socket,
    ...(policyFile === undefined ? {} : { policyFile }),
  });
  keepPrivate(ENV_FILE, environment);
  say(welcome(server, wishes, environment));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  await knock(server, wishes, stop.signal);
  page.close();
  await server.close();
  return 0;
}

/** @returns the file, or undefined where there is no policy to add the routes to. */
function policyWithRoutes(): string | undefined {
  if (!existsSync('policy.yaml')) return undefined;
  keepPrivate(POLICY_FILE, withLocalRoutes(readFileSync('policy.yaml', 'utf8')));
  return POLICY_FILE;
}

function welcome(server: SlackServer, wishes: Wishes, environment: string): string {
  const way = wishes.socket ? 'Socket Mode' : `events, clicks and commands to ${wishes.app}`;
  return `Local Slack (a simulator, not Slack): ${server.url}
  ${way}${wishes.speed === 1 ? '' : `, time ${wishes.speed} times faster`}

1. Incidents come here by these routes (with policy.yaml in ${POLICY_FILE}, which the settings below name):

${indented(localRoutes())}
2. Start the app with these settings (also in ${ENV_FILE}):

${indented(environment)}
     (set -a; . ${ENV_FILE}; npm start)

3. Open ${server.url} and choose who you are.

Ctrl-C ends it; the workspace is in memory and gone then.`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '     ');
}

/** Until the end: says when the app is there and when it is not any more. Over HTTP it must prove itself first, as at Slack. */
async function knock(server: SlackServer, { app, socket }: Wishes, stop: AbortSignal): Promise<void> {
  let there = false;
  while (!stop.aborted) {
    const before = there;
    there = socket ? server.sockets() > 0 : there || (await proves(server, app));
    if (there && !before) say(`The app is connected${socket ? ` (${server.sockets()} sockets)` : ''}.`);
    if (!there && before) say('The app is gone.');
    await sleep(KNOCK_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function proves(server: SlackServer, app: string): Promise<boolean> {
  try {
    await server.setRequestUrl(app);
    return true;
  } catch {
    return false;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}

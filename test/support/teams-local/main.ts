import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keepPrivate } from '../slack/local-workspace.js';
import { environmentOf, isPersonName, PEOPLE, type PersonName, withLocalRoutes } from './local-tenant.js';
import { freePort, type Playground, startPlayground } from './playground.js';

const USAGE = `npm run teams:local -- [--as ana] [--port 56150] [--web-port 4580] [--without-app]

Microsoft's Agents Playground on this machine, and Countersign in it with its sample incident. Both forget everything at the next start.
  --as           who sits before the page: ${Object.keys(PEOPLE).join(', ')}
  --port         where the Playground listens; any free port where this one is taken
  --web-port     where Countersign listens, the same
  --without-app  the Playground alone; prints the settings with which npm start connects to it`;

const CLI = fileURLToPath(new URL('../../../src/roles/cli.js', import.meta.url));
const POLICY = fileURLToPath(new URL('../../../../policy.yaml', import.meta.url));
const FOLDER = resolve('var/teams');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Wishes {
  as: PersonName;
  port: number;
  webPort: number;
  withoutApp: boolean;
}

/** @throws Error for an option that is not there, a number that is none, or a person who is nobody. */
function wishesOf(argv: string[]): Wishes | undefined {
  const { values } = parseArgs({
    args: argv,
    options: {
      as: { type: 'string', default: 'ana' },
      port: { type: 'string', default: '56150' },
      'web-port': { type: 'string', default: '4580' },
      'without-app': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (!isPersonName(values.as)) throw new Error(`--as takes one of ${Object.keys(PEOPLE).join(', ')}.`);
  return {
    as: values.as,
    port: portOf('--port', values.port),
    webPort: portOf('--web-port', values['web-port']),
    withoutApp: values['without-app'],
  };
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`${option} takes a port number.`);
}

async function main(argv: string[]): Promise<number> {
  const wishes = wishesOf(argv);
  if (wishes === undefined) {
    say(USAGE);
    return 0;
  }
  const interrupted = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  const webPort = await freePort(wishes.webPort);
  const playground = await startPlayground({
    folder: FOLDER,
    port: await freePort(wishes.port),
    app: `http://127.0.0.1:${webPort}/teams/messages`,
    as: wishes.as,
  });
  try {
    const settings = settle(playground, webPort);
    say(welcome(playground, wishes, settings));
    if (wishes.withoutApp) await Promise.race([interrupted, playground.ended]);
    else await runApp(settings, playground, Promise.race([interrupted, playground.ended]));
  } finally {
    await playground.stop();
  }
  return 0;
}

/** What the app is started with. What an earlier start left is removed: its messages are in no Playground any more. */
function settle(playground: Playground, webPort: number): Record<string, string> {
  const policyFile = join(FOLDER, 'policy.yaml');
  const dataDir = join(FOLDER, 'data');
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { mode: 0o700 });
  keepPrivate(policyFile, withLocalRoutes(readFileSync(POLICY, 'utf8')));
  const settings = environmentOf({ serviceUrl: playground.serviceUrl, webPort, dataDir, policyFile });
  keepPrivate(join(FOLDER, 'env'), lines(settings));
  return settings;
}

function lines(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${/^[\w:/.-]*$/.test(value) ? value : `'${value}'`}\n`)
    .join('');
}

function welcome({ url }: Playground, { as, withoutApp }: Wishes, settings: Record<string, string>): string {
  const how = withoutApp
    ? `Start the app with these settings (also in var/teams/env):

${lines(settings).replace(/^(?=.)/gm, '     ')}
     (set -a; . var/teams/env; npm start)
`
    : `Open it: a page shows only what happens while it is open, so Countersign and its sample incident start then.
var/teams/env has its settings, for the command line.
`;
  return `Local Teams (Microsoft's Agents Playground, not Teams): ${url}
  You are ${PEOPLE[as].name}. Incidents are told in the team "Data platform", channel "data-incidents".

${how}
Ctrl-C ends it; its messages are in memory and gone then.`;
}

/** `npm start`, from when a page is open until the end. @throws Error when it ends by itself. */
async function runApp(settings: Record<string, string>, playground: Playground, end: Promise<void>): Promise<void> {
  const over = end.then(() => 'end' as const);
  if ((await Promise.race([playground.opened, over])) === 'end') return;
  say('A page is open. Countersign is being started.');
  const child = spawn(process.execPath, [CLI, 'start'], {
    env: { ...process.env, ...settings },
    // Not where this command was called: a `.env` there may connect a real chat, and the sample incident would be told in it.
    cwd: FOLDER,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const first = await Promise.race([over, ended]);
  if (first === 'end') await stopped(child, ended);
  else throw new Error(`Countersign ended by itself (${first}); its own words stand above.`);
}

async function stopped(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGINT');
  await ended;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}

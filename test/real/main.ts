import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEMS } from './catalogue.js';
import { writePlatformTable } from './docs.js';
import { packageRoot } from './place.js';
import { resultLines } from './results.js';
import { down, up } from './up.js';

const USAGE = `npm run real -- up [NAME…]    start systems; those of every change when none is named
npm run real -- down [NAME…]  end them and remove what they kept
npm run real -- list          what there is
npm run real -- docs          write the table of docs/platform.md from the last results
npm run test:real [NAME…]     start them and hold them to their contracts; NAME "live" for the live failures`;

/** What the live failures need: all of it, since they happen on a whole platform. */
const LIVE = ['git', 'prometheus', 'alertmanager', 'airflow3', 'spark', 'trino', 'registry'];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main([command, ...names]: string[]): Promise<number> {
  const ofEveryChange = SYSTEMS.filter(({ ci }) => ci).map(({ name }) => name);
  const wanted = names.length > 0 ? names : ofEveryChange;
  switch (command) {
    case 'up':
      await up(wanted, say);
      return 0;
    case 'down':
      await down(names.length > 0 ? names : SYSTEMS.map(({ name }) => name), say);
      return 0;
    case 'list':
      for (const { name, title, truth, ci } of SYSTEMS)
        say(`${name.padEnd(14)} ${title.padEnd(44)} ${truth.padEnd(5)} ${ci ? 'every change' : 'on demand'}`);
      return 0;
    case 'docs':
      await writePlatformTable();
      return 0;
    case 'test':
      return test(wanted);
    default:
      say(USAGE);
      return 2;
  }
}

/** Starts what is named and runs its suites: the contract, and what only the real system can show. */
async function test(names: readonly string[]): Promise<number> {
  const began = new Date();
  await up([...new Set(names.flatMap((name) => (name === 'live' ? LIVE : [name])))], say);
  const files = names
    .map((name) => (name === 'live' ? 'test/real/live/live.test.ts' : `test/real/${name}.test.ts`))
    .filter((file) => existsSync(join(packageRoot(), file)));
  const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'real', ...files], {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: packageRoot(),
  });
  say('');
  for (const line of resultLines(began)) say(line);
  return status ?? 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);

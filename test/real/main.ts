import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runAgreement } from './agreement/agreement.js';
import { SYSTEMS } from './catalogue.js';
import { writePlatformDocs } from './docs.js';
import { LIVE_SYSTEMS } from './live/world.js';
import { packageRoot } from './place.js';
import { countsByFile, keepRun, REPORT, resultLines } from './results.js';
import { addressOf, down, up } from './up.js';

const USAGE = `npm run real -- up [NAME…]    start systems; those of every change when none is named
npm run real -- down [NAME…]  end them and remove what they kept
npm run real -- list          what there is
npm run real -- docs          write docs/platform.md and docs/incidents from the last results
npm run real -- agreement      run the agreement suite on Spark and on DuckDB, write docs/drafting-agreement.md
npm run test:real [NAME…]     start them and hold them to their contracts; NAME "live" for the live failures`;

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
      await writePlatformDocs();
      return 0;
    case 'agreement':
      return runAgreement(say);
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
  const started = await up([...new Set(names.flatMap((name) => (name === 'live' ? LIVE_SYSTEMS : [name])))], say);
  const suites = new Map(
    names
      .map((name) => [name, name === 'live' ? 'test/real/live/live.test.ts' : `test/real/${name}.test.ts`] as const)
      .filter(([, file]) => existsSync(join(packageRoot(), file))),
  );
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'real', ...reporters, ...suites.values()], {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: packageRoot(),
  });
  await keepRuns(suites);
  say('');
  for (const line of resultLines(began)) say(line);
  // What was up before stays up: somebody works with it.
  await down(started, () => undefined);
  return status ?? 1;
}

/** What each suite came to, said and kept for docs/platform.md. */
async function keepRuns(suites: ReadonlyMap<string, string>): Promise<void> {
  const counts = countsByFile();
  say('');
  say(`${'system'.padEnd(14)}${'version'.padEnd(22)}passed  failed`);
  for (const [name, file] of suites) {
    const { passed = 0, failed = 0 } = counts.get(join(packageRoot(), file)) ?? {};
    const version = name === 'live' ? '' : (await addressOf(name)).version;
    keepRun({ name, version, passed, failed, at: new Date().toISOString() });
    say(`${name.padEnd(14)}${version.padEnd(22)}${String(passed).padEnd(8)}${failed}`);
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);

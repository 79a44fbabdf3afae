import { spawnSync } from 'node:child_process';
import { SYSTEMS } from './catalogue.js';
import { down, up } from './up.js';

const USAGE = `npm run real -- up NAME…     start systems (all that CI starts when no name is given)
npm run real -- down [NAME…] end them
npm run real -- list         what there is
npm run test:real [NAME…]    start them and hold them to their contracts`;

async function main([command, ...names]: string[]): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const wanted = names.length > 0 ? names : SYSTEMS.filter(({ ci }) => ci).map(({ name }) => name);
  switch (command) {
    case 'up':
      await up(wanted, say);
      return 0;
    case 'down':
      await down(names.length > 0 ? names : SYSTEMS.map(({ name }) => name), say);
      return 0;
    case 'list':
      for (const { name, title, truth, ci } of SYSTEMS)
        say(`${name.padEnd(14)} ${title.padEnd(34)} ${truth.padEnd(5)} ${ci ? 'every change' : 'on demand'}`);
      return 0;
    case 'test': {
      await up(wanted, say);
      return (
        spawnSync('npx', ['vitest', 'run', '--project', 'real', ...wanted.map((name) => `test/real/${name}.test.ts`)], {
          stdio: 'inherit',
        }).status ?? 1
      );
    }
    default:
      say(USAGE);
      return 2;
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);

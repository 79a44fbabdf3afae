import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../../../src/domain/errors.js';
import { appPackage } from './app-package.js';

const USAGE = `npm run teams:package -- --app-id GUID --company NAME --website https://... [--version 1.0.0] [--out FILE]

Writes the package that an administrator of Teams uploads: manifest and icons. There is no secret in it.
  --app-id   application id of the bot's registration (TEAMS_APP_ID)
  --company  who runs this bot, as Teams shows it
  --website  where your people read about it; Teams shows it as website, privacy statement and terms of use
  --version  higher at each update
  --out      var/teams/countersign.zip`;

const TEMPLATE = new URL('./manifest.json', import.meta.url);

function main(argv: string[]): void {
  const { values } = parseArgs({
    args: argv,
    options: {
      'app-id': { type: 'string' },
      company: { type: 'string' },
      website: { type: 'string' },
      version: { type: 'string', default: '1.0.0' },
      out: { type: 'string', default: 'var/teams/countersign.zip' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const { 'app-id': appId = '', company = '', website = '', version, out } = values;
  const bytes = appPackage(readFileSync(TEMPLATE, 'utf8'), { appId, company, website, version });
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bytes);
  process.stdout.write(`${out} (${bytes.length} bytes). docs/teams.md says how to upload it.\n`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  const text = error instanceof AppError ? error.safeText : String(error);
  process.stderr.write(`${text}\n\n${USAGE}\n`);
  process.exitCode = 2;
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readLines } from '../../adapters/archive/lines.js';
import { allBytes } from '../../adapters/redis/log-reader.js';
import { type LoadedPolicy, parsePolicy } from '../approve/policy.js';
import type { LocalConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import { splitNotes } from '../domain/signed-note.js';
import { type LogReport, verifyLog } from '../domain/verify.js';
import { createProcessLog } from '../log.js';
import { EXIT, type Output, table } from './cli-output.js';
import type { LocalStack } from './local.js';
import { readLocalState } from './local-client.js';
import { localSecrets } from './local-secrets.js';
import { connectLog, type LogConnection } from './log-connection.js';
import { logVerifierKey } from './log-key.js';
import { readJsonFile } from './rules-files.js';

/** Exit codes of `log verify`: 0 as sealed, 1 tampered, 2 could not be checked. */
const UNCHECKED = 2;

/** What a verification reads: the running log, or files of an exported one. */
interface LogSource {
  entries: AsyncIterable<string>;
  checkpoints: string[];
  vkey: string;
  decisionKeys: Record<string, string>;
  /** Decisions made under exactly this policy are checked for whether their approvers were allowed to. */
  policy: LoadedPolicy | undefined;
}

export interface VerifyOptions {
  dir?: string;
  vkey?: string;
  checkpoint?: string[];
  json?: boolean;
}

export async function verifyLogCommand(config: LocalConfig, output: Output, options: VerifyOptions): Promise<number> {
  const kept = (options.checkpoint ?? []).flatMap((file) => splitNotes(readFileSync(file, 'utf8')));
  if (options.dir !== undefined) {
    const source = exportedLog(options.dir, options.vkey);
    return report(output, await verifyLog(asked(source, kept)), options.json === true);
  }
  return withRunningLog(config, async (connection) => {
    const source = await runningLog(connection, localSecrets(config.dataDir).decisionKeysFile, policyFileOf(config));
    return report(output, await verifyLog(asked(source, kept)), options.json === true);
  });
}

/** The log of a stack that this process started. */
export async function verifyRunningLog(
  stack: Pick<LocalStack, 'environments' | 'vkey'>,
  output: Output,
  json: boolean,
): Promise<number> {
  const connection = await connect(stack.environments.web['REDIS_URL'] ?? '', stack.vkey);
  try {
    const { repairer } = stack.environments;
    const source = await runningLog(
      connection,
      repairer['COUNTERSIGN_DECISION_KEYS'] ?? '',
      repairer['COUNTERSIGN_POLICY'] ?? '',
    );
    return report(output, await verifyLog(asked(source, [])), json);
  } finally {
    connection.close();
  }
}

function connect(redisUrl: string, vkey: string): Promise<LogConnection> {
  const settings = { REDIS_URL: redisUrl, COUNTERSIGN_LOG_VKEY: vkey, COUNTERSIGN_ALLOW_WEAK_REDIS: true };
  return connectLog('web', settings, createProcessLog('log', 'silent'));
}

/** The log of the Countersign that runs with this data folder, read with the web role's rights. */
async function withRunningLog<T>(config: LocalConfig, use: (connection: LogConnection) => Promise<T>): Promise<T> {
  const { vkey } = readLocalState(config.dataDir);
  const environment = readJsonFile<Record<string, string>>(join(config.dataDir, 'env', 'web.json'), 'The environment');
  const connection = await connect(environment['REDIS_URL'] ?? '', vkey);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}

/** The policy that the running roles read. */
function policyFileOf(config: LocalConfig): string {
  const environment = readJsonFile<Record<string, string>>(join(config.dataDir, 'env', 'web.json'), 'The environment');
  return environment['COUNTERSIGN_POLICY'] ?? '';
}

async function runningLog(
  { redis, checkpoints, vkey }: LogConnection,
  decisionKeysFile: string,
  policyFile: string,
): Promise<LogSource> {
  const decisionKeys = readJsonFile<Record<string, string>>(decisionKeysFile, 'The decision keys');
  const policy = parsePolicy(readFileSync(policyFile, 'utf8'));
  return { entries: allBytes(redis), checkpoints: await checkpoints.notes(), vkey, decisionKeys, policy };
}

function exportedLog(folder: string, vkey: string | undefined): LogSource {
  const file = (name: string): string => join(folder, name);
  if (!existsSync(file('entries.ndjson'))) {
    throw new AppError('invalid_input', {
      field: '--dir',
      safeText: `${folder} holds no entries.ndjson; make one with: countersign log export ${folder}`,
    });
  }
  return {
    entries: eachLine(file('entries.ndjson')),
    checkpoints: splitNotes(readFileSync(file('checkpoints.txt'), 'utf8')),
    vkey: vkey ?? readFileSync(file('vkey'), 'utf8').trim(),
    decisionKeys: readJsonFile(file('decision-keys.json'), 'The decision keys'),
    policy: existsSync(file('policy.yaml')) ? parsePolicy(readFileSync(file('policy.yaml'), 'utf8')) : undefined,
  };
}

function asked({ policy, ...source }: LogSource, kept: string[]): Parameters<typeof verifyLog>[0] {
  return policy === undefined ? { ...source, kept } : { ...source, kept, policy };
}

/** Lines as they were written: split at line feeds alone, never at the other line ends that JSON leaves raw. */
async function* eachLine(file: string): AsyncGenerator<string> {
  for await (const batch of readLines(file)) yield* batch;
}

function report(output: Output, found: LogReport, json: boolean): number {
  if (json) output.json(found);
  else {
    for (const finding of found.findings)
      output.line(`${finding.kind}${finding.index === undefined ? '' : ` at entry ${finding.index}`}: ${finding.text}`);
    for (const note of found.notes) output.line(`note: ${note}`);
    const open = found.size - found.sealed;
    output.line(
      found.ok
        ? `log ok: ${found.size} entries, ${found.sealed} under a signed checkpoint${open > 0 ? `, ${open} not sealed yet and so not vouched for` : ''}`
        : `LOG NOT OK: ${found.findings.length} findings in ${found.size} entries`,
    );
  }
  if (found.ok) return EXIT.good;
  return found.sealed === 0 && found.size > 0 && found.findings.every((finding) => finding.kind === 'unsealed')
    ? UNCHECKED
    : EXIT.failure;
}

export interface ShowOptions {
  from: number;
  limit: number;
  subject?: string;
  json: boolean;
}

export function showLog(config: LocalConfig, output: Output, options: ShowOptions): Promise<number> {
  return withRunningLog(config, async ({ log }) => {
    const all =
      options.subject === undefined
        ? await log.readFrom(options.from, options.limit)
        : (await log.read(options.subject)).slice(options.from, options.from + options.limit);
    if (options.json) for (const { index, entry } of all) output.line(JSON.stringify({ index, ...entry }));
    else
      for (const row of table(
        all.map(({ index, entry }) => [String(index), entry.at, entry.subject, entry.type, entry.actor.id]),
      ))
        output.line(row);
    return EXIT.good;
  });
}

/** `log export`: the stored bytes as they are, every checkpoint, and the public keys; nothing else is needed to verify offline. */
export function exportRunningLog(config: LocalConfig, output: Output, folder: string): Promise<number> {
  return withRunningLog(config, async (connection) => {
    mkdirSync(folder, { recursive: true });
    const policyFile = policyFileOf(config);
    const source = await runningLog(connection, localSecrets(config.dataDir).decisionKeysFile, policyFile);
    const file = await open(join(folder, 'entries.ndjson'), 'w');
    let entries = 0;
    for await (const line of source.entries) {
      await file.write(`${line}\n`);
      entries += 1;
    }
    await file.close();
    writeFileSync(join(folder, 'checkpoints.txt'), source.checkpoints.join('\n'));
    writeFileSync(join(folder, 'policy.yaml'), readFileSync(policyFile));
    writeFileSync(join(folder, 'vkey'), `${source.vkey}\n`);
    writeFileSync(join(folder, 'decision-keys.json'), JSON.stringify(source.decisionKeys, null, 2));
    output.line(
      `${entries} entries and ${source.checkpoints.length} checkpoints are in ${folder}. Check them with: countersign log verify --dir ${folder}`,
    );
    return EXIT.good;
  });
}

export async function printVerifierKey(output: Output, file: string): Promise<number> {
  output.line(logVerifierKey(file));
  return EXIT.good;
}

import { readFileSync } from 'node:fs';
import { detectSource } from '../../adapters/alerts/formats.js';
import { createTerminalThread } from '../../adapters/terminal/thread.js';
import { uuidv7 } from '../domain/canonical.js';
import type { Thread } from '../domain/card.js';
import type { ClickAnswer, Verdict } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';
import { EXIT, type Output, table } from './cli-output.js';
import type { LocalClient } from './local-client.js';

/** `open FILE`: an alert payload as its sender would deliver it. */
export async function openFile(client: LocalClient, output: Output, file: string): Promise<number> {
  const payload = parseJson(file);
  const { accepted } = await client.alert(detectSource(payload), payload);
  for (const one of accepted) output.line([one.incident ?? '-', one.outcome].join(' '));
  return EXIT.good;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new AppError('invalid_input', { field: 'FILE', safeText: `${file} can not be read as JSON.`, cause });
  }
}

export async function listIncidents(client: LocalClient, output: Output, json: boolean): Promise<number> {
  const incidents = await client.list();
  if (json) {
    output.json(incidents);
    return EXIT.good;
  }
  if (incidents.length === 0) output.line('No incidents.');
  const rows = incidents.map((one) => [
    one.incident,
    one.openedAt.slice(0, 16),
    one.status,
    one.severity,
    one.pipeline,
    one.title,
  ]);
  for (const row of table(rows)) output.line(row);
  return EXIT.good;
}

export async function showIncident(
  client: LocalClient,
  output: Output,
  incident: string,
  json: boolean,
  color: boolean,
): Promise<number> {
  const thread = await client.thread(incident);
  if (json) output.json(thread);
  else await createTerminalThread({ out: process.stdout, color }).show(thread);
  return EXIT.good;
}

export interface DecideOptions {
  as: string;
  check?: string;
  reason?: string;
  set?: string[];
}

/** `decide ID VERDICT`: the live card's digest is read first, so the decision binds to what `show` would print now. */
export async function decideIncident(
  client: LocalClient,
  output: Output,
  incident: string,
  verdict: Verdict,
  options: DecideOptions,
): Promise<number> {
  const answer = await decide(client, await client.thread(incident), verdict, options);
  output.line(answer.text);
  if (answer.outcome === 'invalid')
    for (const [field, text] of Object.entries(answer.fields)) output.line(`  ${field}: ${text}`);
  return ['decided', 'vote_counted', 'modified'].includes(answer.outcome) ? EXIT.good : EXIT.failure;
}

export async function decide(
  client: LocalClient,
  thread: Thread,
  verdict: Verdict,
  options: DecideOptions,
): Promise<ClickAnswer> {
  const card = thread.cards.findLast((candidate) => candidate.digest !== undefined && candidate.actions.length > 0);
  if (card?.digest === undefined)
    throw new AppError('conflict', {
      safeText: `${thread.incident} has nothing to decide now: ${thread.headline.title}`,
    });
  return client.decide(thread.incident, {
    digest: card.digest,
    verdict,
    as: options.as,
    words: (verdict === 'approve' ? options.check : options.reason) ?? '',
    clickId: uuidv7(),
    ...(options.set === undefined ? {} : { values: pairs(options.set) }),
  });
}

function pairs(set: string[]): Record<string, string> {
  return Object.fromEntries(
    set.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1)
        throw new AppError('invalid_input', { field: '--set', safeText: `--set takes name=value, not ${pair}` });
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

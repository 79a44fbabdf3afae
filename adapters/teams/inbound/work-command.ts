import type { Person } from '../../../src/domain/decision.js';
import type { TeamsBody } from '../body.js';
import { openAlertCard } from '../dialogs.js';
import { digestReply, helpReply, listReply, sayReply, statusReply } from '../replies.js';
import type { Standing } from './answers.js';
import type { Inbound } from './context.js';
import type { JobOf, Where } from './job.js';
import { readTyped } from './open-alert.js';
import { personOrTell, refusable } from './telling.js';
import { NOT_FOR_YOU, WRITE_ALONE, WRITTEN_ALONE } from './texts.js';
import { waitingBody } from './waiting-cards.js';

const DAYS = 7;
const DAYS_MOST = 366;

const COMMAND = /^(help|status|list|waiting|digest|open)(?=$|[\s.!?])/i;

export function isCommand(text: string): boolean {
  return COMMAND.test(text);
}

/** `help`, `status`, `list`, `waiting`, `digest`, `open …`, as it was written. */
export async function workCommandSaid(inbound: Inbound, job: JobOf<'said'>): Promise<void> {
  const { where, text, message } = job;
  await refusable(inbound, where, async () => {
    const { word, rest } = split(text);
    if (word === 'open') return open(inbound, where, rest, message);
    const person = word === 'help' ? undefined : await inbound.identity.personOf(where);
    if (word === 'waiting' && person !== undefined) return waits(inbound, where, person);
    const body = await commandBody(inbound, person, text);
    // What is the same for everybody may be said aloud.
    if (person === undefined) return inbound.answers.reply(where, body);
    await tellAlone(inbound, where, body);
  });
}

/** It may name incidents of other channels. */
async function tellAlone(inbound: Inbound, where: Where, body: TeamsBody): Promise<Standing | undefined> {
  const standing = await inbound.answers.alone(where, body);
  if (!where.personal)
    await inbound.answers.reply(where, sayReply(standing === undefined ? WRITE_ALONE : WRITTEN_ALONE));
  return standing;
}

async function waits(inbound: Inbound, where: Where, person: Person): Promise<void> {
  const { body, digest } = waitingBody(inbound, person);
  const standing = await tellAlone(inbound, where, body);
  if (standing !== undefined) inbound.waitingCards.keep({ where, standing, digest });
}

function split(text: string): { word: string; rest: string } {
  const word = COMMAND.exec(text)?.[1] ?? '';
  return { word: word.toLowerCase(), rest: text.slice(word.length).replace(/^[\s.!?:]+/, '') };
}

/** Incidents of all channels are for the people of the company alone. */
export async function commandBody(inbound: Inbound, person: Person | undefined, text: string): Promise<TeamsBody> {
  const { word, rest } = split(text);
  if (word === 'help' || word === '' || word === 'open') return helpReply();
  if (person === undefined) return sayReply(NOT_FOR_YOU);
  switch (word) {
    case 'list':
      return list(inbound, person, rest.toLowerCase().trim() || 'open');
    case 'status':
      return status(inbound, person);
    case 'digest':
      return digest(inbound, rest.trim() || String(DAYS));
    default:
      return waitingBody(inbound, person).body;
  }
}

function list({ backend }: Inbound, person: Person, which: string): TeamsBody {
  switch (which) {
    case 'open':
      return listReply(backend.list({ status: 'open' }));
    case 'all':
      return listReply(backend.list({}));
    case 'waiting':
      return listReply(backend.waitingFor(person.id));
    default:
      return sayReply('Not understood. It is list, with open, waiting or all.');
  }
}

async function status(inbound: Inbound, person: Person): Promise<TeamsBody> {
  const { backend, deliveries } = inbound;
  return statusReply({
    waiting: backend.waitingFor(person.id),
    open: backend.list({ status: 'open' }),
    log: await backend.logState(),
    deliveries: (await deliveries?.()) ?? [],
  });
}

function digest({ backend }: Inbound, days: string): TeamsBody {
  const number = Number(days);
  if (!Number.isInteger(number) || number < 1 || number > DAYS_MOST)
    return sayReply(`Not understood. It is digest, with a number of days from 1 to ${DAYS_MOST}.`);
  return digestReply(backend.digest(number));
}

async function open(inbound: Inbound, where: Where, text: string, message: string): Promise<void> {
  if (text === '') {
    const card = openAlertCard({ origin: `opened ${message}` });
    return inbound.answers.reply(where, { summary: 'Open an incident', card });
  }
  const by = await personOrTell(inbound, where);
  if (by === undefined) return;
  const { alert, missing } = readTyped(inbound, text);
  const opened = await inbound.backend.investigate(alert, by, by);
  const gaps = missing.length === 0 ? '' : `\nYour text does not say ${missing.join('; ')}.`;
  await inbound.answers.reply(where, sayReply(`${opened.text}${gaps}`));
}

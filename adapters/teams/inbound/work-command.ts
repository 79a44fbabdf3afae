import type { IncidentSummary } from '../../../src/domain/card.js';
import type { Person } from '../../../src/domain/decision.js';
import type { TeamsBody } from '../body.js';
import { openAlertCard } from '../dialogs.js';
import { waitingCard } from '../home-card.js';
import { digestReply, helpReply, type LinkTo, listReply, sayReply, statusReply } from '../replies.js';
import type { Inbound } from './context.js';
import type { JobOf, Where } from './job.js';
import { readTyped } from './open-alert.js';
import { personOrTell, refusable } from './telling.js';
import { NOT_FOR_YOU, WRITE_ALONE, WRITTEN_ALONE } from './texts.js';

const DAYS = 7;
const DAYS_MOST = 366;
/** More than any list shows. */
const LINKED = 25;

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
    const body = await commandBody(inbound, person, text);
    // What is the same for everybody may be said aloud.
    if (word === 'help' || person === undefined) return inbound.answers.reply(where, body);
    if (where.personal) return inbound.answers.reply(where, body);
    const reached = await inbound.answers.alone(where, body);
    await inbound.answers.reply(where, sayReply(reached ? WRITTEN_ALONE : WRITE_ALONE));
  });
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
      return waiting(inbound, person);
  }
}

async function list(inbound: Inbound, person: Person, which: string): Promise<TeamsBody> {
  const { backend } = inbound;
  const reply = async (listed: IncidentSummary[]): Promise<TeamsBody> =>
    listReply(listed, await linksTo(inbound, listed));
  switch (which) {
    case 'open':
      return reply(backend.list({ status: 'open' }));
    case 'all':
      return reply(backend.list({}));
    case 'waiting':
      return reply(backend.waitingFor(person.id));
    default:
      return sayReply('Not understood. It is list, with open, waiting or all.');
  }
}

/** Leads to the threads of the first of these; to none where that is not known. */
async function linksTo(
  { threadLinks }: Pick<Inbound, 'threadLinks'>,
  ...lists: (readonly IncidentSummary[])[]
): Promise<LinkTo | undefined> {
  return threadLinks?.(lists.flatMap((one) => one.slice(0, LINKED).map(({ incident }) => incident)));
}

async function status(inbound: Inbound, person: Person): Promise<TeamsBody> {
  const { backend, deliveries } = inbound;
  const waits = backend.waitingFor(person.id);
  const linkTo = await linksTo(inbound, waits);
  return statusReply({
    waiting: waits,
    open: backend.list({ status: 'open' }),
    log: await backend.logState(),
    deliveries: (await deliveries?.()) ?? [],
    ...(linkTo === undefined ? {} : { linkTo }),
  });
}

async function waiting(inbound: Inbound, person: Person): Promise<TeamsBody> {
  const { backend, clock } = inbound;
  const waits = backend.waitingFor(person.id);
  const open = backend.list({ status: 'open' });
  const linkTo = await linksTo(inbound, waits, open);
  const links = linkTo === undefined ? {} : { linkTo };
  return waitingCard({
    person: person.id,
    waiting: waits,
    open,
    digest: backend.digest(DAYS),
    now: clock.now(),
    ...links,
  });
}

async function digest(inbound: Inbound, days: string): Promise<TeamsBody> {
  const number = Number(days);
  if (!Number.isInteger(number) || number < 1 || number > DAYS_MOST)
    return sayReply(`Not understood. It is digest, with a number of days from 1 to ${DAYS_MOST}.`);
  const numbers = inbound.backend.digest(number);
  return digestReply(numbers, await linksTo(inbound, numbers.unfinished));
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

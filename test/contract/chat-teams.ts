import { createProcessLog } from '../../src/log.js';
import type { Time } from '../../src/roles/system-time.js';
import { createTeamsChat } from '../../src/roles/teams-chat.js';
import { type ChatCore, createChatCore } from '../support/chat-core.js';
import { createMemoryDeliveries } from '../support/delivery/memory-store.js';
import { createMemoryLog, createMemoryOnce, type MemoryLog } from '../support/memory-log.js';
import type { SlackClock } from '../support/slack/clock.js';
import { createMemoryInbox } from '../support/slack/memory-inbox.js';
import { createMemoryReferences } from '../support/teams/memory-references.js';
import { startTeams } from '../support/teams/server.js';
import type { TeamsPerson, TeamsServer } from '../support/teams/server-types.js';
import type { TeamsMessage } from '../support/teams/types.js';
import { type ChatGiven, PEOPLE, type Told, type Who } from './chat.js';
import { type Behind, jumpingClock, type Served, serveRole, until } from './chat-role.js';
import { createPresser, type Presser } from './chat-teams-press.js';
import { carriedIn, seenIn, textOf } from './chat-teams-seen.js';
import { CHAT_POLICY } from './expectations/chat-given.js';

export const CHANNEL = '19:incidents@thread.tacv2';
/** Teams' seconds pass this much faster, its deadlines for our answers as much slower: what is tested here is not speed. */
const SPEED = 60;
const ENDPOINT = '/teams/messages';

export interface TeamsGiven extends ChatGiven {
  teams: TeamsServer;
  presser: Presser;
  log: MemoryLog;
  warnings(): string[];
  /** Messages of the thread by the key of their delivery, once it stands as the log has it. */
  standing(incident: string): Promise<Map<string, TeamsMessage>>;
}

export const userId = (name: string): string => `29:1${name}`;

/** People who say to be Ana by their address, and are not. */
const STRANGERS = [
  { id: userId('guest'), name: 'guest', email: PEOPLE.ana, userRole: 'guest' as const },
  { id: userId('foreign'), name: 'foreign', email: PEOPLE.ana, tenantId: 'another-tenant' },
];

/** The people of the suite; the directory has no address of `nobody`. */
export function startPeopledTeams(clock: SlackClock, times = 1): Promise<TeamsServer> {
  return startTeams({
    clock,
    times,
    executeMs: 15_000 * SPEED,
    dialogMs: 5000 * SPEED,
    users: [
      ...Object.entries(PEOPLE).map(([name, email]) => ({
        id: userId(name),
        name,
        // Directories keep what somebody typed once.
        email: email.replace(/^./, (letter) => letter.toUpperCase()),
        userPrincipalName: email,
      })),
      { id: userId('nobody'), name: 'nobody' },
      ...STRANGERS,
    ],
    channels: [{ id: CHANNEL, name: 'data-incidents' }],
  });
}

/** The real adapter and deliverer against the simulated Teams, over HTTP both ways; on a log and a clock of its own unless given. */
export async function openTeamsChat({
  log: given,
  clock: shared,
  times,
}: Behind & { times?: number } = {}): Promise<TeamsGiven> {
  const clock = shared ?? jumpingClock(SPEED);
  const teams = await startPeopledTeams(clock, times);
  const time: Time = { clock: { now: () => new Date(clock.now()) }, sleep: clock.sleep };
  const log = given ?? createMemoryLog(time.clock);
  const store = createMemoryDeliveries(time.clock);
  const references = createMemoryReferences();
  const once = createMemoryOnce();
  const inbox = createMemoryInbox<{ id: string }>();
  const routes = [{ teams: CHANNEL }];
  const policy = { ...CHAT_POLICY, routes };
  const serve = (core: ChatCore, port: number): Promise<Served> =>
    serveRole(core, port, ENDPOINT, () =>
      createTeamsChat({
        settings: {
          appId: teams.tenant.bot.appId,
          appPassword: teams.tenant.bot.password,
          tenantId: teams.tenant.tenantId,
          serviceUrl: teams.serviceUrl,
          loginUrl: teams.loginUrl,
          openIdMetadata: teams.openIdMetadata,
        },
        store,
        references,
        once,
        openInbox: (work) => inbox.open(work as never),
        // The routes stay, whatever the expectation does to the policy.
        policy: () => ({ policy: { ...core.policy, routes } }),
        names: () => ({ dags: [], tables: [], services: [] }),
        time,
        processLog: createProcessLog('test', 'silent'),
        holder: `web-${Math.random()}`,
      }),
    );
  let role = await serve(createChatCore({ log, clock: time.clock, policy }), 0);
  teams.setMessagingEndpoint(`${role.url}${ENDPOINT}`);

  const person = (who: Who): TeamsPerson => teams.person(userId(who));
  const standing = async (incident: string): Promise<Map<string, TeamsMessage>> => {
    await until(
      async () => (role.shown.get(incident) ?? 0) >= (await log.read(incident)).length,
      `${incident} to be followed`,
    );
    await role.chat.settled(incident);
    const found = new Map<string, TeamsMessage>();
    for (const [key, { message }] of await store.of(incident)) {
      const one = message === undefined ? undefined : teams.tenant.message(CHANNEL, message);
      if (one !== undefined) found.set(key, one);
    }
    return found;
  };
  const presser = createPresser({ teams, person, idle: () => inbox.idle(), channel: CHANNEL });
  const note = async (by: Who, incident: string, text: string, times: number): Promise<void> => {
    const thread = (await standing(incident)).get('headline')?.id ?? '';
    const before = (await log.read(incident)).length;
    await person(by).say(CHANNEL, `note: ${text}`, { thread, times });
    await until(async () => (await log.read(incident)).length > before, 'the note to be in the log');
    await inbox.idle();
  };
  const pages = async (by: Who, incident: string, details: readonly string[]): Promise<string> => {
    const read: string[] = [];
    for (const message of (await standing(incident)).values())
      for (const { title, carried } of carriedIn(message.card))
        if (carried.verb === 'show' && details.includes(carried.detail ?? ''))
          read.push(await presser.pages(by, message, title));
    return read.join('\n');
  };

  return {
    chat: 'teams',
    teams,
    presser,
    log,
    standing,
    core: () => role.core,
    async pass(ms) {
      clock.jump(ms);
    },
    async see(incident) {
      const messages = await standing(incident);
      return seenIn(incident, messages, teams.tenant.messages, teams.tenant.bot.id);
    },
    press: async (by, on, gesture) => (await presser.press(by, on, gesture))[0] as Told,
    async pressDelivered(by, on, gesture, between) {
      return presser.press(by, on, gesture, {
        times: 2,
        how: 'in turn',
        ...(between === undefined ? {} : { between }),
      });
    },
    detail: (by, incident, what) => pages(by, incident, [what]),
    async everything(by, incident) {
      const shown = [...(await standing(incident)).values()].map(textOf).join('\n');
      return `${shown}\n${await pages(by, incident, ['all', 'evidence', 'trace'])}`;
    },
    note: (by, incident, text, times = 1) => note(by, incident, text, times),
    async restart() {
      const { core, port } = role;
      await role.close();
      const { policy: kept, observations } = core;
      role = await serve(createChatCore({ log, clock: time.clock, policy: kept, observations }), port);
    },
    async close() {
      await role.close();
      await teams.close();
    },
    warnings: () => teams.warnings,
  };
}

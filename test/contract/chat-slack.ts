import { ACTION, VIEW } from '../../adapters/slack/action-ids.js';
import { blockIdOf, fieldOf } from '../../adapters/slack/form-inputs.js';
import { createProcessLog } from '../../src/log.js';
import { createSlackChat } from '../../src/roles/slack-chat.js';
import type { Time } from '../../src/roles/system-time.js';
import { type ChatCore, createChatCore } from '../support/chat-core.js';
import { createMemoryDeliveries } from '../support/delivery/memory-store.js';
import { createMemoryLog, createMemoryOnce } from '../support/memory-log.js';
import { createMemoryInbox } from '../support/slack/memory-inbox.js';
import { startSlack } from '../support/slack/server.js';
import type { SlackPerson } from '../support/slack/server-types.js';
import type { SlackMessage } from '../support/slack/types.js';
import { type ChatGiven, type Gesture, PEOPLE, type SeenCard, type Told, type Who } from './chat.js';
import { type Behind, jumpingClock, PATIENCE_MS, type Served, serveRole, until } from './chat-role.js';
import { BOT, BUTTON, buttons, type Handle, seenIn, textOf, viewText } from './chat-slack-seen.js';
import { CHAT_POLICY } from './expectations/chat-given.js';

const CHANNEL = 'C0INCIDENT';
/** Slack's seconds pass this much faster, its deadlines for our answers as much slower: what is tested here is not speed. */
const SPEED = 40;

/** The real adapter and deliverer against the simulated Slack, over HTTP both ways; on a log and a clock of its own unless given. */
export async function openSlackChat({
  log: given,
  clock: shared,
}: Behind = {}): Promise<ChatGiven & { warnings(): string[] }> {
  const clock = shared ?? jumpingClock(SPEED);
  const slack = await startSlack({
    clock,
    limits: 'slack',
    workspacePostsPerMinute: 10_000,
    reactionMs: 3000 * SPEED,
    app: { botUserId: BOT },
    users: [
      ...Object.entries(PEOPLE).map(([name, email]) => ({ id: userId(name), name, realName: name, email })),
      { id: userId('nobody'), name: 'nobody', realName: 'Nobody' },
    ],
    channels: [
      { id: CHANNEL, name: 'data-incidents', members: [BOT, ...[...Object.keys(PEOPLE), 'nobody'].map(userId)] },
    ],
  });
  const time: Time = { clock: { now: () => new Date(clock.now()) }, sleep: clock.sleep };
  const log = given ?? createMemoryLog(time.clock);
  const store = createMemoryDeliveries(time.clock);
  const once = createMemoryOnce();
  const inbox = createMemoryInbox();
  const policy = { ...CHAT_POLICY, routes: [{ slack: CHANNEL }] };
  const serve = (core: ChatCore, port: number): Promise<Served> =>
    serveRole(core, port, '/slack/events', (shownVersions) =>
      createSlackChat({
        settings: {
          botToken: slack.workspace.app.token,
          signingSecret: slack.workspace.app.signingSecret,
          appToken: undefined,
          apiUrl: slack.apiUrl,
        },
        store,
        once,
        openInbox: (work) => inbox.open(work),
        // The routes stay, whatever the expectation does to the policy.
        policy: () => ({ policy: { ...core.policy, routes: policy.routes } }),
        names: () => ({ dags: [], tables: [], services: [] }),
        time,
        processLog: createProcessLog('test', 'silent'),
        holder: `web-${shownVersions.size}-${Math.random()}`,
      }),
    );
  let role = await serve(createChatCore({ log, clock: time.clock, policy }), 0);
  await until(() => role.chat.settled().then(() => true), 'the role to start');
  await slack.setRequestUrl(`${role.url}/slack/events`);

  const person = (who: Who): SlackPerson => slack.person(userId(who));
  const message = (ts: string | undefined): SlackMessage | undefined =>
    ts === undefined ? undefined : slack.workspace.message(CHANNEL, ts);
  const settled = async (incident: string): Promise<void> => {
    await until(
      async () => (role.shown.get(incident) ?? 0) >= (await log.read(incident)).length,
      `${incident} to be followed`,
    );
    await role.chat.settled(incident);
  };
  const standing = async (incident: string): Promise<Map<string, SlackMessage>> => {
    await settled(incident);
    const found = new Map<string, SlackMessage>();
    for (const [key, delivery] of await store.of(incident)) {
      const one = message(delivery.message);
      if (one !== undefined) found.set(key, one);
    }
    return found;
  };
  const taken = new Set<string>();
  const newWord = (who: Who): string | undefined => {
    const one = [...person(who).ephemerals(), ...direct(who)].find(({ ts }) => !taken.has(`${who} ${ts}`));
    if (one === undefined) return undefined;
    taken.add(`${who} ${one.ts}`);
    return textOf(one);
  };
  const direct = (who: Who): SlackMessage[] =>
    [...slack.workspace.channels.values()]
      .filter((channel) => channel.isIm && channel.members.has(userId(who)))
      .flatMap(({ messages }) => messages.filter(({ user }) => user === BOT));
  /** In the view that is open, or beside the message. */
  const answer = async (who: Who, wait = PATIENCE_MS): Promise<string | undefined> => {
    const deadline = Date.now() + wait;
    for (;;) {
      await inbox.idle();
      const view = person(who).view();
      const text = view?.callback_id === VIEW.answer ? viewText(view) : newWord(who);
      // The icon before an answer says in colour what its words say.
      if (text !== undefined && !/being written to the log|Reading the log/.test(text))
        return text.replace(/^:\w+: ?/, '');
      if (Date.now() > deadline) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const fill = async (by: Who, { words, values }: Gesture): Promise<Told | undefined> => {
    const fields = { ...(words === undefined ? {} : { words }), ...values };
    const typed = Object.fromEntries(Object.entries(fields).map(([name, value]) => [blockIdOf(name), value]));
    const reaction = await person(by).submitView(typed);
    if (reaction.errors !== undefined) {
      const faults = Object.entries(reaction.errors).map(([block, fault]) => [fieldOf(block) ?? block, fault] as const);
      await person(by).closeView(true);
      return { text: '', faults: Object.fromEntries(faults) };
    }
    if (reaction.error !== undefined) return { text: reaction.error, faults: {} };
    if (person(by).view()?.callback_id === VIEW.confirmEdit) await person(by).submitView({});
    return undefined;
  };
  const press = async (by: Who, on: SeenCard, gesture: Gesture): Promise<Told> => {
    const { ts, snapshot } = on.handle as Handle;
    while (newWord(by) !== undefined);
    const reaction = await person(by).click(CHANNEL, ts, BUTTON[gesture.verdict], { snapshot });
    if (!reaction.ok) return { text: reaction.error ?? '', faults: {} };
    await until(async () => {
      await inbox.idle();
      return person(by).view() !== undefined || hasNewWord(by);
    }, 'an answer to a click');
    const told = person(by).view()?.callback_id === VIEW.form ? await fill(by, gesture) : undefined;
    const text = told?.text ?? (await answer(by)) ?? '';
    if (person(by).view() !== undefined) await person(by).closeView(true);
    return { text, faults: told?.faults ?? {} };
  };
  const hasNewWord = (who: Who): boolean =>
    [...person(who).ephemerals(), ...direct(who)].some(({ ts }) => !taken.has(`${who} ${ts}`));
  const pages = async (by: Who, ts: string, action: string): Promise<string> => {
    await person(by).click(CHANNEL, ts, action);
    const read: string[] = [];
    for (;;) {
      const view = await until(() => {
        const open = person(by).view();
        return open?.callback_id === VIEW.detail && viewText(open) !== read.at(-1) ? open : undefined;
      }, 'a page of a detail view');
      read.push(viewText(view));
      const next = buttons(view.blocks).find(({ label }) => label.startsWith('Next'));
      if (next === undefined) break;
      await person(by).clickInView(next.action, next.block === undefined ? {} : { blockId: next.block });
    }
    await person(by).closeView(true);
    return read.join('\n');
  };
  const detail = async (by: Who, incident: string, actions: readonly string[]): Promise<string> => {
    const found: string[] = [];
    for (const one of (await standing(incident)).values()) {
      const here = new Set(buttons(one.blocks ?? []).map(({ action }) => action));
      for (const action of actions) if (here.has(action)) found.push(await pages(by, one.ts, action));
    }
    return found.join('\n');
  };

  return {
    chat: 'slack',
    core: () => role.core,
    async pass(ms) {
      clock.jump(ms);
    },
    async see(incident) {
      const messages = await standing(incident);
      return seenIn(incident, messages, slack.workspace.channels.get(CHANNEL)?.messages ?? []);
    },
    press,
    async pressDelivered(by, on, gesture, between) {
      const before = inbox.count();
      const first = await press(by, on, gesture);
      await between?.();
      await inbox.again(inbox.count() - before);
      const second = await answer(by, 300);
      return [first, second === undefined ? undefined : { text: second, faults: {} }];
    },
    detail: (by, incident, what) => detail(by, incident, [what === 'trace' ? ACTION.showTrace : ACTION.showEvidence]),
    async everything(by, incident) {
      const messages = await standing(incident);
      const shown = [...messages.values()].map(textOf).join('\n');
      return `${shown}\n${await detail(by, incident, [ACTION.showAll, ACTION.showEvidence, ACTION.showTrace])}`;
    },
    async note(by, incident, text, times = 1) {
      const root = (await standing(incident)).get('headline')?.ts ?? '';
      const before = (await log.read(incident)).length;
      await person(by).post(CHANNEL, text, root);
      await until(async () => (await log.read(incident)).length > before, 'the note to be in the log');
      for (let time = 1; time < times; time++) {
        await slack.repeatLastEvent();
        await slack.settled();
        await inbox.idle();
      }
    },
    async restart() {
      const { core, port } = role;
      await role.close();
      role = await serve(
        createChatCore({ log, clock: time.clock, policy: core.policy, observations: core.observations }),
        port,
      );
      await until(() => role.chat.settled().then(() => true), 'the role to start again');
    },
    async close() {
      await role.close();
      await slack.close();
    },
    warnings: () => slack.warnings,
  };
}

const userId = (name: string): string => `U0${name.toUpperCase().padEnd(8, '0')}`;

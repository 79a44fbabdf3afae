import { CARD_TOO_OLD, TRY_AGAIN } from '../../../src/domain/talk.js';
import { SHORTCUT_INVESTIGATE } from '../action-ids.js';
import { sayReply } from '../replies.js';
import { onClick } from './clicks.js';
import { onCommand, onMessageAction } from './commands.js';
import type { Inbound } from './context.js';
import { BlockActions, EventEnvelope, MessageAction, SenderShape, SlashCommand, ViewSubmission } from './payloads.js';
import { onSubmission } from './submissions.js';
import { onEvent } from './talk.js';
import { OTHER_WORKSPACE } from './texts.js';

/** Acknowledges, with an answer where the payload takes one. Events are acknowledged by returning. */
export type Acknowledge = (answer?: unknown) => Promise<void>;

interface Sender {
  team?: { id: string } | null | undefined;
  user: { id: string; team_id?: string | null | undefined };
  api_app_id?: string | undefined;
  response_url?: string | undefined;
  channel?: { id: string } | null | undefined;
}

/**
 * The one door for everything Slack sends. It checks, puts into the inbox or opens a view, and acknowledges; nothing here waits for
 * the gate. Interactivity is never sent again by Slack, so whatever fails the person is told; events are, so a failure is thrown.
 */
export async function dispatch(inbound: Inbound, body: unknown, ack: Acknowledge): Promise<void> {
  const kind = kindOf(body);
  if (kind === 'event_callback') return event(inbound, body);
  try {
    await interact(inbound, kind, body, ack);
  } catch (error) {
    inbound.processLog.error({ kind, error }, 'something a person did could not be taken in');
    await tellSender(inbound, body, TRY_AGAIN);
    await ack();
  }
}

function kindOf(body: unknown): string {
  const { type, command } = (body ?? {}) as { type?: unknown; command?: unknown };
  if (typeof command === 'string') return 'command';
  return typeof type === 'string' ? type.slice(0, 60) : '';
}

async function event(inbound: Inbound, body: unknown): Promise<void> {
  const envelope = EventEnvelope.safeParse(body);
  if (!envelope.success) return inbound.processLog.warn({}, 'an event of Slack was not understood');
  const { bot } = inbound;
  const { authorizations, team_id: team, api_app_id: app } = envelope.data;
  // In a shared channel `team_id` may be the other side's; whom it is delivered to stands in the authorizations.
  const teams = [team, ...(authorizations ?? []).map((one) => one.team_id)];
  if (!teams.includes(bot.teamId) || !isOurApp(inbound, app)) return;
  await onEvent(inbound, envelope.data);
}

async function interact(inbound: Inbound, kind: string, body: unknown, ack: Acknowledge): Promise<void> {
  switch (kind) {
    case 'block_actions': {
      const payload = BlockActions.parse(body);
      if (await isStranger(inbound, payload, ack)) return;
      return onClick(inbound, payload, ack);
    }
    case 'view_submission': {
      const payload = ViewSubmission.parse(body);
      if (await isStranger(inbound, payload, ack)) return;
      return ack(await onSubmission(inbound, payload));
    }
    case 'message_action': {
      const payload = MessageAction.parse(body);
      if (await isStranger(inbound, payload, ack)) return;
      if (payload.callback_id === SHORTCUT_INVESTIGATE) await onMessageAction(inbound, payload);
      else await tellSender(inbound, body, CARD_TOO_OLD);
      return ack();
    }
    case 'command': {
      const command = SlashCommand.parse(body);
      const { team_id: team, user_id: user } = command;
      if (await isStranger(inbound, { ...command, team: { id: team }, user: { id: user } }, ack)) return;
      return ack(await onCommand(inbound, command));
    }
    case 'block_suggestion':
      return ack({ options: [] });
    case 'view_closed':
      return ack();
    default:
      await tellSender(inbound, body, CARD_TOO_OLD);
      return ack();
  }
}

function isOurApp({ bot }: Inbound, app: string | undefined): boolean {
  return bot.appId === undefined || app === undefined || app === bot.appId;
}

/** Another workspace's people see our messages in a shared channel. They are told; nothing else happens. */
async function isStranger(inbound: Inbound, sender: Sender, ack: Acknowledge): Promise<boolean> {
  const { team, user } = sender;
  const { teamId } = inbound.bot;
  const home = user.team_id ?? team?.id;
  const ours = isOurApp(inbound, sender.api_app_id) && home === teamId && (team == null || team.id === teamId);
  if (ours) return false;
  inbound.processLog.info({}, 'somebody of another workspace or app clicked');
  await tellSender(inbound, sender, OTHER_WORKSPACE);
  await ack();
  return true;
}

/** Best effort, of a payload that may be anything. */
async function tellSender(inbound: Inbound, body: unknown, text: string): Promise<void> {
  const found = SenderShape.safeParse(body);
  if (!found.success) return;
  const { user, user_id: id, channel, channel_id: at, response_url: responseUrl } = found.data;
  const who = user?.id ?? id;
  const where = channel?.id ?? at;
  if (who === undefined) return;
  inbound.background(
    inbound.answers.say(
      {
        user: who,
        ...(where === undefined ? {} : { channel: where }),
        ...(responseUrl === undefined ? {} : { responseUrl }),
      },
      sayReply(text),
    ),
  );
}

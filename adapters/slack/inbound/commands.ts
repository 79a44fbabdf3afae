import { jobId } from '../../../src/domain/gesture.js';
import { NO_WORDS, OWN_MESSAGE, TRY_AGAIN } from '../../../src/domain/talk.js';
import { alertFromMessage } from '../alert-text.js';
import type { SlackBody } from '../body.js';
import { slackError } from '../errors.js';
import { openAlertView } from '../modals.js';
import { helpReply, sayReply } from '../replies.js';
import { type Inbound, readingContext } from './context.js';
import type { ChatJob, Where } from './job.js';
import { type MessageAction, type SlashCommand, threadIn } from './payloads.js';
import { OPENED_LATE } from './texts.js';

type EphemeralAnswer = SlackBody & { response_type: 'ephemeral' };

/** `/countersign …`: what is known at once is the acknowledgement itself, the rest waits in the inbox. */
export async function onCommand(inbound: Inbound, command: SlashCommand): Promise<EphemeralAnswer | undefined> {
  const text = command.text.trim();
  const [word = ''] = text.split(/\s+/, 1);
  if (word === '' || word.toLowerCase() === 'help') return ephemeral(helpReply());
  if (/^open$/i.test(text)) {
    inbound.background(openAlertForm(inbound, command));
    return undefined;
  }
  const id = jobId('command', command.trigger_id);
  const kept = await put(inbound, { kind: 'command', id, where: whereOf(command), text });
  return kept ? undefined : ephemeral(sayReply(TRY_AGAIN));
}

function whereOf({ user_id: user, channel_id: channel, response_url: responseUrl }: SlashCommand): Where {
  return { user, channel, ...(responseUrl === undefined ? {} : { responseUrl }) };
}

function ephemeral(body: SlackBody): EphemeralAnswer {
  return { response_type: 'ephemeral', ...body };
}

async function openAlertForm(inbound: Inbound, command: SlashCommand): Promise<void> {
  try {
    const view = openAlertView({ metadata: command.channel_id });
    await inbound.client.views.open({ trigger_id: command.trigger_id, view });
  } catch (thrown) {
    inbound.processLog.warn({ error: slackError(thrown) }, 'the form of an alert could not be opened');
    await inbound.answers.say(whereOf(command), sayReply(OPENED_LATE));
  }
}

/** "Investigate this alert" in a message's menu. */
export async function onMessageAction(inbound: Inbound, payload: MessageAction): Promise<void> {
  const { user, channel, message, response_url: responseUrl } = payload;
  const thread = threadIn(message);
  const where: Where = {
    user: user.id,
    ...(channel?.id === undefined ? {} : { channel: channel.id }),
    ...(thread === undefined ? {} : { thread }),
    ...(responseUrl === undefined ? {} : { responseUrl }),
  };
  const say = (text: string): void => inbound.background(inbound.answers.say(where, sayReply(text)));
  if (message['bot_id'] === inbound.bot.botId || message['user'] === inbound.bot.botUserId) return say(OWN_MESSAGE);
  const reading = alertFromMessage(message, readingContext(inbound));
  if (reading === undefined) return say(NO_WORDS);
  const { alert, author, missing } = reading;
  const id = jobId('shortcut', user.id, channel?.id, textOf(message['ts']), payload.action_ts);
  const poster = textOf(message['user']);
  const by = author !== undefined ? { author } : poster === undefined ? {} : { poster };
  if (!(await put(inbound, { kind: 'open', id, where, alert, missing, ...by }))) say(TRY_AGAIN);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 40 ? value : undefined;
}

async function put(inbound: Inbound, job: ChatJob): Promise<boolean> {
  try {
    await inbound.inbox.put(job);
    return true;
  } catch (error) {
    inbound.processLog.error({ error }, 'a request of a person could not be put into the inbox');
    return false;
  }
}

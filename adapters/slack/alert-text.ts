import {
  alertReading,
  type AlertReading as NeutralReading,
  type ReadingContext,
} from '../../src/domain/alert-reading.js';
import { MessagePayload, messageWords } from './inbound/message-lines.js';

/** An alert as it was read from a message, and what the message did not say. */
export interface AlertReading extends NeutralReading {
  /** The Slack user whose words these are; undefined when a monitor wrote them. */
  author: string | undefined;
}

/** What somebody typed after `/countersign open`, or into its form. `author` is who typed it. */
export function alertFromText(text: string, author: string, context: ReadingContext): AlertReading {
  const ts = String(context.receivedAt.getTime() / 1000);
  return reading(MessagePayload.parse({ text, user: author, ts }), context);
}

/**
 * The alert in a message of any kind: Alertmanager's, PagerDuty's, Airflow's, or a person's words. Never fails: what is not
 * recognised is kept as text. @returns undefined when the message has no words at all.
 */
export function alertFromMessage(message: unknown, context: ReadingContext): AlertReading | undefined {
  const payload = MessagePayload.safeParse(message);
  if (!payload.success) return undefined;
  const found = reading(payload.data, context);
  return found.alert.text === '' ? undefined : found;
}

function reading(message: MessagePayload, context: ReadingContext): AlertReading {
  const monitor = message.bot_id != null || message.subtype === 'bot_message' || message.user === undefined;
  const found = alertReading(
    {
      chat: 'slack',
      words: messageWords(message),
      monitor,
      sender: `${message.username ?? ''} ${message.bot_profile?.name ?? ''}`,
      writtenAt: Number(message.ts) * 1000,
    },
    context,
  );
  return { ...found, author: monitor ? undefined : message.user };
}

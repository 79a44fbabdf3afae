import { z } from 'zod';

/** Slack's payloads in the fields that are used. What else they hold is not looked at; what is used is bounded. */

const Id = z.string().min(1).max(40);
const Named = z.object({ id: Id });
const User = z.object({ id: Id, team_id: Id.nullish() });

const common = {
  api_app_id: Id.optional(),
  /** Absent where an app is installed for a whole organisation. */
  team: Named.nullish(),
  user: User,
  trigger_id: z.string().max(300).optional(),
  response_url: z.string().max(2000).optional(),
};

const View = z.object({
  id: z.string().min(1).max(60),
  root_view_id: z.string().max(60).nullish(),
  callback_id: z.string().max(255).default(''),
  private_metadata: z.string().max(3000).default(''),
  type: z.string().max(20).default('modal'),
  blocks: z.array(z.unknown()).default([]),
  state: z
    .object({
      values: z.record(
        z.string().max(255),
        z.record(
          z.string().max(255),
          z.object({
            value: z.string().max(4000).nullish(),
            selected_option: z.object({ value: z.string().max(255).optional() }).nullish(),
          }),
        ),
      ),
    })
    .nullish(),
});
export type ViewPayload = z.infer<typeof View>;

const MessageCopy = z.object({
  ts: Id,
  thread_ts: Id.optional(),
  reply_count: z.number().optional(),
});

/**
 * The thread that a message is part of. One that nobody has answered is no thread yet: Slack takes what is for one person alone there,
 * and shows it nowhere.
 */
export function threadIn(message: unknown): string | undefined {
  const { ts, thread_ts: thread, reply_count: replies } = MessageCopy.safeParse(message).data ?? {};
  return thread === ts && replies === 0 ? undefined : thread;
}

export const BlockActions = z.object({
  type: z.literal('block_actions'),
  ...common,
  container: z
    .object({
      channel_id: Id.optional(),
      message_ts: Id.optional(),
      thread_ts: Id.optional(),
      view_id: z.string().max(60).optional(),
    })
    .optional(),
  channel: Named.nullish(),
  message: MessageCopy.nullish(),
  view: View.nullish(),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        value: z.string().max(2000).nullish(),
        action_ts: z.string().max(40).default(''),
        url: z.string().max(3000).optional(),
      }),
    )
    .min(1)
    .max(25),
});
export type BlockActions = z.infer<typeof BlockActions>;

export const ViewSubmission = z.object({ type: z.literal('view_submission'), ...common, view: View });
export type ViewSubmission = z.infer<typeof ViewSubmission>;

export const MessageAction = z.object({
  type: z.literal('message_action'),
  ...common,
  callback_id: z.string().max(255),
  action_ts: z.string().max(40).default(''),
  channel: Named.nullish(),
  message: z.record(z.string(), z.unknown()),
});
export type MessageAction = z.infer<typeof MessageAction>;

export const SlashCommand = z.object({
  command: z.string().max(60),
  text: z.string().max(4000).default(''),
  team_id: Id,
  user_id: Id,
  channel_id: Id,
  trigger_id: z.string().max(300),
  response_url: z.string().max(2000).optional(),
  api_app_id: Id.optional(),
});
export type SlashCommand = z.infer<typeof SlashCommand>;

const MessageEvent = z.object({
  type: z.enum(['message', 'app_mention']),
  channel: Id,
  ts: Id,
  thread_ts: Id.optional(),
  user: Id.optional(),
  bot_id: z.string().max(40).nullish(),
  subtype: z.string().max(60).optional(),
  hidden: z.boolean().optional(),
  channel_type: z.string().max(20).optional(),
  client_msg_id: z.string().max(100).optional(),
  text: z.string().nullish(),
});
export type MessageEvent = z.infer<typeof MessageEvent>;

const HomeOpened = z.object({
  type: z.literal('app_home_opened'),
  user: Id,
  tab: z.string().max(20).default('home'),
  view: z.object({ hash: z.string().max(200).optional() }).nullish(),
});
export type HomeOpened = z.infer<typeof HomeOpened>;

/** Any event of the Events API; what kind it is decides how its inside is read. */
export const EventEnvelope = z.object({
  type: z.literal('event_callback'),
  team_id: Id.nullish(),
  api_app_id: Id.optional(),
  event_id: z.string().min(1).max(100),
  authorizations: z.array(z.object({ team_id: Id.nullish() })).nullish(),
  event: z.looseObject({ type: z.string().max(60) }),
});
export type EventEnvelope = z.infer<typeof EventEnvelope>;

export const KnownEvent = z.discriminatedUnion('type', [MessageEvent, HomeOpened]);

/** Who did something and where, of a payload that may be of any kind. */
export const SenderShape = z.object({
  user: User.nullish(),
  user_id: Id.optional(),
  channel: Named.nullish(),
  channel_id: Id.optional(),
  response_url: z.string().max(2000).optional(),
});

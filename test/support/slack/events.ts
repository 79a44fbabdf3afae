import type { Core } from './core.js';
import { freshId } from './core.js';
import type { Delivered, EventBus } from './parts.js';
import type { SlackChannel } from './types.js';

/** Subscribing is not enough. */
const NEEDED_SCOPE: Record<string, string> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
};

/** Waits before the second, third and fourth attempt. */
const RETRY_AFTER_MS = [0, 60_000, 300_000];

export function createEventBus(core: () => Core): EventBus {
  let last: Record<string, unknown> | undefined;

  const emit = (subscription: string, event: Record<string, unknown>): void => {
    const { workspace, clock, track } = core();
    const { app, team } = workspace;
    const scope = NEEDED_SCOPE[subscription];
    if (!app.events.includes(subscription) || (scope !== undefined && !app.scopes.includes(scope))) return;
    if (!app.socketMode && app.requestUrl === undefined) return;
    last = {
      token: 'local-verification-token',
      team_id: team.id,
      context_team_id: team.id,
      context_enterprise_id: null,
      api_app_id: app.id,
      event,
      type: 'event_callback',
      event_id: freshId('Ev', 10),
      event_time: Math.floor(clock.now() / 1000),
      authorizations: [
        { enterprise_id: null, team_id: team.id, user_id: app.botUserId, is_bot: true, is_enterprise_install: false },
      ],
      is_ext_shared_channel: false,
      event_context: freshId('4-', 20),
    };
    void track(deliverWithRetries(core(), last));
  };

  const inChannel = (channel: SlackChannel, event: Record<string, unknown>): void => {
    if (!channel.members.has(core().workspace.app.botUserId)) return;
    const type = channel.isIm ? 'im' : channel.isPrivate ? 'group' : 'channel';
    const subscription = type === 'im' ? 'message.im' : `message.${type}s`;
    emit(subscription, { ...event, channel: channel.id, channel_type: type });
  };

  return {
    message(channel, message) {
      inChannel(channel, { ...message, event_ts: message.ts });
      const { app } = core().workspace;
      const mentioned = message.user !== app.botUserId && message.text.includes(`<@${app.botUserId}>`);
      if (!mentioned || channel.isIm || !channel.members.has(app.botUserId)) return;
      emit('app_mention', { ...message, type: 'app_mention', channel: channel.id, event_ts: message.ts });
    },
    changed(channel, message, previous) {
      const ts = core().workspace.nextTs(channel.id);
      inChannel(channel, {
        type: 'message',
        subtype: 'message_changed',
        hidden: true,
        message,
        previous_message: previous,
        ts,
        event_ts: ts,
      });
    },
    deleted(channel, previous) {
      const ts = core().workspace.nextTs(channel.id);
      inChannel(channel, {
        type: 'message',
        subtype: 'message_deleted',
        hidden: true,
        deleted_ts: previous.ts,
        previous_message: previous,
        ts,
        event_ts: ts,
      });
    },
    homeOpened(user, channel, tab, view) {
      const event = { type: 'app_home_opened', user, channel, tab, event_ts: core().workspace.nextTs(channel) };
      emit('app_home_opened', view === undefined ? event : { ...event, view });
    },
    async repeatLast() {
      if (last !== undefined) await core().track(deliverWithRetries(core(), last));
    },
  };
}

/** At once, then again after 0, 1 and 5 minutes until it is acknowledged; always the same event. */
async function deliverWithRetries(core: Core, payload: Record<string, unknown>): Promise<void> {
  const eventId = payload['event_id'] as string;
  let reason: string | undefined;
  for (let attempt = 0; attempt <= RETRY_AFTER_MS.length; attempt += 1) {
    if (attempt > 0) await core.clock.sleep(RETRY_AFTER_MS[attempt - 1] as number, core.stopped);
    while (core.faults.isDown() && !core.stopped.aborted) await core.clock.sleep(1000, core.stopped);
    if (core.stopped.aborted) return;
    const delivered: Delivered = await core.sender.send({
      kind: 'event',
      payload,
      eventId,
      ...(reason === undefined ? {} : { retryNum: attempt, retryReason: reason }),
    });
    if (delivered.outcome === 'ok') return;
    // A timed-out answer was never read, so its headers can forbid nothing.
    if (delivered.outcome === 'http_error' && delivered.noRetry) return;
    reason = core.workspace.app.socketMode && delivered.outcome === 'http_timeout' ? 'timeout' : delivered.outcome;
  }
}

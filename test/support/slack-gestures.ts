import { CHANNEL, type InboundWorld, type Shown } from './slack-inbound.js';

/** A press of a button as Slack would send it; the card may be any. */
export function press(world: InboundWorld, user: string, shown: Shown, action: object, more: object = {}): object {
  const { team, app } = world.slack.workspace;
  return {
    type: 'block_actions',
    user: { id: user, team_id: team.id },
    team: { id: team.id },
    api_app_id: app.id,
    container: { type: 'message', message_ts: shown.card, channel_id: CHANNEL, thread_ts: shown.root },
    trigger_id: 'none',
    channel: { id: CHANNEL },
    message: { ts: shown.card, thread_ts: shown.root },
    actions: [{ type: 'button', block_id: 'b', action_ts: `${Date.now() / 1000}`, ...action }],
    ...more,
  };
}
export const value = (shown: Shown): string => JSON.stringify({ incident: shown.incident, digest: shown.digest });
export const viewText = (world: InboundWorld, name: string): string =>
  JSON.stringify(world.slack.person(name).view()?.blocks ?? []);
export const wordsBlock = (world: InboundWorld, name: string): string => {
  const input = world.slack
    .person(name)
    .view()
    ?.blocks.find(({ type }) => type === 'input');
  return input?.block_id ?? 'none';
};

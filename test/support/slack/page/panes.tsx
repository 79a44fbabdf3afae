import type { VNode } from 'preact';
import type { SlackChannel } from '../types.js';
import { Message } from './message-view.js';
import { at, later, rootsOf, type Scene, threadOf, unreadIn } from './scene.js';

/** Messages that a channel shows at once; a page is no archive. */
const SHOWN = 200;

/** The channel: its root messages, and where one writes. */
export function ChannelPane({ scene, channel }: { scene: Scene; channel: SlackChannel }): VNode {
  const all = rootsOf(scene, channel);
  const shown = all.slice(-SHOWN);
  const { fresh } = unreadIn(scene, channel);
  const firstNew =
    fresh === 0 ? undefined : shown.find(({ message }) => later(message.ts, scene.read.get(channel.id) ?? '0') > 0);
  return (
    <main class="pane channel-pane" aria-label={`Channel ${channel.name}`}>
      <header class="pane-head">
        <a class="back" href={at.list(scene.me.id)} aria-label="Back to the channels">
          ‹
        </a>
        <h1>{titleOf(scene, channel)}</h1>
        <span class="soft">{`${channel.members.size} ${channel.members.size === 1 ? 'member' : 'members'}`}</span>
      </header>
      <div class="messages" data-region="channel" data-scroll="end" role="log" aria-label="Messages">
        {shown.length === 0 ? (
          <p class="nothing" data-key="nothing">
            Nothing was written here yet.
          </p>
        ) : null}
        {all.length > shown.length ? (
          <p class="nothing" data-key="older">{`${all.length - shown.length} older messages are not shown here.`}</p>
        ) : null}
        {shown.map((one) => [
          one === firstNew && firstNew !== shown[0] ? (
            <p class="new-line" data-key="new">
              New
            </p>
          ) : null,
          <Message shown={one} scene={scene} channel={channel} />,
        ])}
      </div>
      <Composer scene={scene} channel={channel} />
    </main>
  );
}

/** One thread beside its channel; on a phone instead of it. */
export function ThreadPane({ scene, channel, parent }: { scene: Scene; channel: SlackChannel; parent: string }): VNode {
  const shown = threadOf(scene, channel, parent);
  const replies = shown.filter(({ alone }) => !alone).length - 1;
  const back = at.channel(scene.me.id, channel.id);
  return (
    <aside class="pane thread-pane" aria-label="Thread">
      <header class="pane-head">
        <a class="back" href={back} aria-label="Back to the channel">
          ‹
        </a>
        <h2>Thread</h2>
        <span class="soft">{titleOf(scene, channel)}</span>
        <a class="close-pane" href={back} aria-label="Close thread">
          ×
        </a>
      </header>
      <div class="messages" data-region="thread" data-scroll="end" role="log" aria-label="Messages in the thread">
        {shown.length === 0 ? <p class="nothing">This message is not there any more.</p> : null}
        {shown.map((one, index) => [
          <Message shown={one} scene={scene} channel={channel} inThread />,
          index === 0 && replies > 0 ? (
            <p class="reply-line" data-key="count">{`${replies} ${replies === 1 ? 'reply' : 'replies'}`}</p>
          ) : null,
        ])}
      </div>
      <Composer scene={scene} channel={channel} thread={parent} />
    </aside>
  );
}

function titleOf({ workspace }: Scene, channel: SlackChannel): string {
  if (channel.isIm) return workspace.app.name;
  return `${channel.isPrivate ? '🔒 ' : '#'}${channel.name}`;
}

function Composer({ scene, channel, thread }: { scene: Scene; channel: SlackChannel; thread?: string }): VNode {
  if (channel.isArchived) return <p class="composer-note">This channel is archived.</p>;
  if (!channel.members.has(scene.me.id))
    return <p class="composer-note">You are not a member of this channel, so you can read and not write.</p>;
  const label = thread === undefined ? `Message ${titleOf(scene, channel)}` : 'Reply in the thread';
  return (
    <form class="composer" data-channel={channel.id} data-thread={thread}>
      <div class="suggestions" role="listbox" aria-label="Suggestions" hidden />
      <textarea
        rows={1}
        readOnly
        aria-label={label}
        placeholder={label}
        data-suggest={JSON.stringify(suggestionsOf(scene, thread === undefined))}
      />
      <button type="submit" class="button primary" aria-label={thread === undefined ? 'Send' : 'Send reply'}>
        ➤
      </button>
    </form>
  );
}

/** What can be completed while typing: names after `@`, and commands at the start of a message. */
function suggestionsOf({ workspace }: Scene, commands: boolean): string[] {
  const people = [...workspace.users.values()].filter(({ deleted }) => deleted !== true);
  return [
    ...people.map(({ realName }) => `@${realName}`),
    ...[...workspace.groups.values()].map(({ handle }) => `@${handle}`),
    ...(commands ? workspace.app.commands : []),
  ];
}

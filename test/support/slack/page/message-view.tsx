import type { VNode } from 'preact';
import type { SlackChannel, SlackMessage, SlackUser } from '../types.js';
import { Blocks, ImageBox } from './blocks.js';
import { Link, Mrkdwn } from './mrkdwn.js';
import { at, type Scene, type Shown, unreadReplies } from './scene.js';

export interface MessageProps {
  shown: Shown;
  scene: Scene;
  channel: SlackChannel;
  /** In the thread pane, where there is no "reply" and no count of replies. */
  inThread?: boolean;
}

/** One message as Slack shows it: who, when, what, and below a parent how many replied. */
export function Message({ shown: { message, alone }, scene, channel, inThread = false }: MessageProps): VNode {
  const author = authorOf(scene, message);
  return (
    <article
      class={`message${alone ? ' alone' : ''}`}
      data-key={`${inThread ? 't' : 'm'}${message.ts}`}
      data-ts={message.ts}
      data-channel={channel.id}
      aria-label={`Message of ${author.name}`}
    >
      <Avatar name={author.name} bot={author.bot} />
      <div class="message-body">
        {alone ? <p class="alone-note">Only visible to you</p> : null}
        <p class="message-head">
          <strong>{author.name}</strong>
          {author.bot ? <span class="app-mark">APP</span> : null}
          <Stamp ts={message.ts} now={scene.now} />
        </p>
        <Content message={message} scene={scene} />
        <Reactions message={message} />
        {inThread || alone ? null : <Replies message={message} scene={scene} channel={channel} />}
      </div>
      {alone || message.subtype === 'tombstone' ? null : (
        <Tools message={message} scene={scene} channel={channel} inThread={inThread} />
      )}
    </article>
  );
}

function authorOf({ workspace }: Scene, message: SlackMessage): { name: string; bot: boolean } {
  const user: SlackUser | undefined = message.user === undefined ? undefined : workspace.users.get(message.user);
  const bot = message.bot_id !== undefined || user?.isBot === true;
  return { name: user?.realName ?? (bot ? workspace.app.name : 'Somebody'), bot };
}

export function Avatar({ name, bot = false }: { name: string; bot?: boolean }): VNode {
  const shade = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 6;
  return (
    <span class={`avatar shade-${shade}${bot ? ' bot' : ''}`} aria-hidden="true">
      {[...name][0]?.toUpperCase() ?? '?'}
    </span>
  );
}

function Stamp({ ts, now }: { ts: string; now: number }): VNode {
  const when = new Date(Number(ts.split('.')[0]) * 1000);
  const time = when.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
  const today = new Date(now).toDateString() === when.toDateString();
  return (
    <time class="soft" dateTime={when.toISOString()}>
      {today ? time : `${when.toLocaleDateString('en-US', { month: 'short', day: 'numeric' })}, ${time}`}
    </time>
  );
}

function Content({ message, scene }: { message: SlackMessage; scene: Scene }): VNode {
  if (message.subtype === 'tombstone') return <p class="soft">This message was deleted.</p>;
  // What people wrote is shown from its text: it says the same as the blocks, with calls of groups and channels.
  const hasBlocks = message.client_msg_id === undefined && (message.blocks?.length ?? 0) > 0;
  return (
    <>
      {hasBlocks || message.text === '' ? null : <Mrkdwn text={message.text} names={scene.world.names} />}
      {hasBlocks ? <Blocks blocks={message.blocks ?? []} world={scene.world} /> : null}
      {message.attachments?.map((attachment) => (
        <Attachment attachment={attachment} scene={scene} />
      ))}
    </>
  );
}

const COLOURS: Record<string, string> = { good: '2eb67d', warning: 'ecb22e', danger: 'e01e5a' };

/** The bar in the attachment's colour is an image of one pixel's making: the page allows no inline styles. */
function Attachment({ attachment, scene }: { attachment: Record<string, unknown>; scene: Scene }): VNode {
  const named = String(attachment['color'] ?? '').replace('#', '');
  const colour = COLOURS[named] ?? (/^[0-9a-f]{6}$/i.test(named) ? named : 'bbbbbb');
  const blocks = attachment['blocks'] as unknown[] | undefined;
  return (
    <div class="attachment">
      <svg class="colour-bar" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width="1" height="1" fill={`#${colour}`} />
      </svg>
      <div class="attachment-body">
        {blocks === undefined ? (
          <Legacy attachment={attachment} scene={scene} />
        ) : (
          <Blocks blocks={blocks} world={scene.world} />
        )}
      </div>
    </div>
  );
}

/** What alert senders still write: title, text and fields instead of blocks. */
function Legacy({ attachment, scene }: { attachment: Record<string, unknown>; scene: Scene }): VNode {
  const said = (name: string): string | undefined =>
    typeof attachment[name] === 'string' && attachment[name] !== '' ? attachment[name] : undefined;
  const { names } = scene.world;
  const title = said('title');
  const text = said('text') ?? (title === undefined ? said('fallback') : undefined);
  const fields = (Array.isArray(attachment['fields']) ? attachment['fields'] : []) as {
    title?: string;
    value?: string;
    short?: boolean;
  }[];
  return (
    <>
      {said('pretext') === undefined ? null : <Mrkdwn text={said('pretext') ?? ''} names={names} />}
      {title === undefined ? null : (
        <p class="heading">
          {said('title_link') === undefined ? title : <Link url={said('title_link') ?? ''}>{title}</Link>}
        </p>
      )}
      {text === undefined ? null : <Mrkdwn text={text} names={names} />}
      {fields.length === 0 ? null : (
        <div class="fields">
          {fields.map((field) => (
            <div class={field.short === true ? 'field' : 'field long'}>
              <strong>{field.title}</strong>
              <Mrkdwn text={String(field.value ?? '')} names={names} />
            </div>
          ))}
        </div>
      )}
      {said('image_url') === undefined ? null : <ImageBox alt={said('fallback') ?? 'Picture'} />}
      {said('footer') === undefined ? null : <p class="soft">{said('footer')}</p>}
    </>
  );
}

function Reactions({ message }: { message: SlackMessage }): VNode | null {
  if ((message.reactions?.length ?? 0) === 0) return null;
  return (
    <p class="reactions">
      {message.reactions?.map(({ name, count }) => (
        <span class="reaction">
          <Mrkdwn text={`:${name}: ${count}`} names={{ user: none, channel: none, group: none }} />
        </span>
      ))}
    </p>
  );
}

function none(): undefined {
  return undefined;
}

function Replies({ message, scene, channel }: Omit<MessageProps, 'shown'> & { message: SlackMessage }): VNode | null {
  const count = message.reply_count ?? 0;
  if (count === 0) return null;
  const fresh = scene.thread === message.ts ? 0 : unreadReplies(scene, channel, message);
  return (
    <a class="replies" href={at.thread(scene.me.id, channel.id, message.ts)}>
      {(message.reply_users ?? []).slice(0, 4).map((id) => (
        <Avatar name={scene.world.names.user(id) ?? id} bot={scene.workspace.users.get(id)?.isBot === true} />
      ))}
      <span>{`${count} ${count === 1 ? 'reply' : 'replies'}`}</span>
      {fresh === 0 ? null : <span class="new-mark">{`${fresh} new`}</span>}
    </a>
  );
}

function Tools({ message, scene, channel, inThread }: Omit<MessageProps, 'shown'> & { message: SlackMessage }): VNode {
  const { messageShortcuts, name } = scene.workspace.app;
  return (
    <div class="tools">
      {inThread ? null : (
        <a
          class="tool"
          href={at.thread(scene.me.id, channel.id, message.ts)}
          aria-label="Reply in thread"
          title="Reply in thread"
        >
          ↩
        </a>
      )}
      <span class="menu">
        <button
          type="button"
          class="tool"
          data-menu="yes"
          aria-haspopup="menu"
          aria-label="More actions"
          title="More actions"
        >
          ⋮
        </button>
        <span class="menu-list" role="menu" hidden>
          {messageShortcuts.map((shortcut) => (
            <button type="button" role="menuitem" data-shortcut={shortcut.callbackId}>
              {shortcut.name}
              <small>{name}</small>
            </button>
          ))}
          {message.user === scene.me.id ? (
            <button type="button" role="menuitem" class="danger-text" data-delete="yes">
              Delete message
            </button>
          ) : null}
        </span>
      </span>
    </div>
  );
}

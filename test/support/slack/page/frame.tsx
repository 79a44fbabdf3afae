import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { SlackServer } from '../server-types.js';
import { Avatar } from './message-view.js';
import { ChannelPane, ThreadPane } from './panes.js';
import { at, channelsOf, directOf, later, type Scene, unreadIn } from './scene.js';
import { HomePane, Modal } from './surface-view.js';
import { WeatherPanel, type WeatherProps } from './weather-view.js';

export interface FrameProps {
  scene: Scene;
  weather: WeatherProps;
  assets: { styles: string[]; script: string };
}

/**
 * The whole page, as one person sees it. The client script replaces its regions (`data-region`) as they change; until it is there
 * nothing can be clicked or typed, so that nothing is lost.
 */
export function renderFrame(props: FrameProps): string {
  return `<!doctype html>${renderToString(<Frame {...props} />)}`;
}

function Frame({ scene, weather, assets }: FrameProps): VNode {
  const { me, channel, thread, place } = scene;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${placeName(scene)} · Local Slack (simulator)`}</title>
        <link rel="icon" href="data:," />
        {assets.styles.map((style) => (
          <link rel="stylesheet" href={style} />
        ))}
        <script type="module" src={assets.script} />
      </head>
      <body class={`at-${place}`} data-me={me.id} data-place={place} data-channel={channel?.id} data-thread={thread}>
        <TopBar scene={scene} />
        <p class="error-bar" id="error-bar" role="alert" hidden />
        <div class="workspace" inert>
          <Sidebar scene={scene} weather={weather} />
          {place === 'home' ? <HomePane scene={scene} /> : null}
          {channel === undefined ? null : <ChannelPane scene={scene} channel={channel} />}
          {channel === undefined || thread === undefined ? null : (
            <ThreadPane scene={scene} channel={channel} parent={thread} />
          )}
        </div>
        <div data-region="modal">
          <Modal scene={scene} />
        </div>
      </body>
    </html>
  );
}

function placeName({ workspace, channel, place, thread }: Scene): string {
  if (place === 'home') return `${workspace.app.name} home`;
  if (channel === undefined) return 'Channels';
  return `${thread === undefined ? '' : 'Thread in '}#${channel.name}`;
}

function TopBar({ scene }: { scene: Scene }): VNode {
  const people = [...scene.workspace.users.values()].filter(({ isBot, deleted }) => isBot !== true && deleted !== true);
  return (
    <header class="simulator-bar">
      <p>
        <strong>Simulator, not Slack.</strong>{' '}
        <span class="wide-only">
          It runs on this machine only and keeps everything in memory: stop it and all is gone.
        </span>
      </p>
      <label class="who">
        <span class="wide-only">You are</span>
        <select id="who" aria-label="Who am I">
          {people.map(({ id, realName, email }) => (
            <option value={id} selected={id === scene.me.id}>
              {`${realName} (${email ?? 'no e-mail'})`}
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}

function Sidebar({ scene, weather }: { scene: Scene; weather: WeatherProps }): VNode {
  const { workspace, me, place } = scene;
  return (
    <nav class="sidebar" aria-label="Channels and apps">
      <p class="team">{workspace.team.name}</p>
      <div data-region="sidebar">
        <div data-key="all">
          <h2>Channels</h2>
          <ul>
            {channelsOf(workspace, me).map((channel) => {
              const { fresh, calls } = unreadIn(scene, channel);
              const here = scene.channel?.id === channel.id;
              return (
                <li>
                  <a
                    class={fresh > 0 && !here ? 'unread' : ''}
                    href={at.channel(me.id, channel.id)}
                    {...(here ? { 'aria-current': 'page' } : {})}
                  >
                    <span>{`${channel.isPrivate ? '🔒' : '#'} ${channel.name}`}</span>
                    {calls > 0 && !here ? (
                      <span class="badge" role="img" aria-label={`${calls} mentions`}>
                        {calls}
                      </span>
                    ) : null}
                  </a>
                </li>
              );
            })}
          </ul>
          <h2>Apps</h2>
          <ul>
            <li>
              <a
                class={directUnread(scene) ? 'unread' : ''}
                href={at.home(me.id)}
                {...(place === 'home' ? { 'aria-current': 'page' } : {})}
              >
                <Avatar name={workspace.app.name} bot />
                <span>{workspace.app.name}</span>
                {appIsThere(weather.server) ? null : <span class="absent">not connected</span>}
              </a>
            </li>
          </ul>
        </div>
      </div>
      <WeatherPanel {...weather} />
    </nav>
  );
}

/** Over HTTP the app must have proven its address, in Socket Mode it must have a connection. */
export function appIsThere(server: SlackServer): boolean {
  const { app } = server.workspace;
  return app.socketMode ? server.sockets() > 0 : app.requestUrl !== undefined;
}

function directUnread(scene: Scene): boolean {
  const direct = directOf(scene.workspace, scene.me);
  const last = direct?.messages.at(-1)?.ts;
  return direct !== undefined && last !== undefined && later(last, scene.read.get(direct.id) ?? '0') > 0;
}

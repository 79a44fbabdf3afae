import type { VNode } from 'preact';
import type { SlackView } from '../types.js';
import { Blocks } from './blocks.js';
import { Message } from './message-view.js';
import { withEmoji } from './names.js';
import { at, directOf, type Scene, threadOf } from './scene.js';

/** The modal on top of a person's stack. Its key is the view's hash: an update is painted anew, anything else leaves it alone. */
export function Modal({ scene }: { scene: Scene }): VNode | null {
  const stack = scene.workspace.modals.get(scene.me.id) ?? [];
  const view = stack.at(-1);
  if (view === undefined) return null;
  const title = said(view.title);
  return (
    <dialog class="view" aria-label={title} data-key={`${view.id} ${view.hash}`} data-view={view.id}>
      <form method="dialog" novalidate>
        <header class="view-head">
          {stack.length > 1 ? (
            <button type="button" class="tool" data-close="top" aria-label="Back">
              ‹
            </button>
          ) : null}
          <h2>{title}</h2>
          <button type="button" class="tool" data-close="all" aria-label="Close">
            ×
          </button>
        </header>
        <p class="view-error" role="alert" hidden />
        <div class="view-body">
          <Blocks blocks={view.blocks} world={scene.world} />
        </div>
        <footer class="view-foot">
          <span class="soft">{scene.workspace.app.name}</span>
          <button type="button" class="button plain" data-close="top">
            {said(view.close ?? undefined) || (view.submit ? 'Cancel' : 'Close')}
          </button>
          {view.submit ? (
            <button type="submit" class="button primary">
              {said(view.submit)}
            </button>
          ) : null}
        </footer>
      </form>
    </dialog>
  );
}

function said(text: Record<string, unknown> | undefined): string {
  return withEmoji(typeof text?.['text'] === 'string' ? text['text'] : '');
}

/** The app's home tab, and below it what the app wrote to this person alone. */
export function HomePane({ scene }: { scene: Scene }): VNode {
  const { app } = scene.workspace;
  const home = scene.workspace.homes.get(scene.me.id);
  return (
    <main class="pane home-pane" aria-label={`Home of ${app.name}`} data-home="yes">
      <header class="pane-head">
        <a class="back" href={at.list(scene.me.id)} aria-label="Back to the channels">
          ‹
        </a>
        <h1>{app.name}</h1>
        <span class="soft">Home</span>
      </header>
      <div class="messages home" data-region="home">
        <Home home={home} scene={scene} />
        <DirectMessages scene={scene} />
      </div>
    </main>
  );
}

function Home({ home, scene }: { home: SlackView | undefined; scene: Scene }): VNode {
  if (!scene.workspace.app.homeTab)
    return (
      <p class="nothing" data-key="home">
        This app has no home tab.
      </p>
    );
  if (home === undefined)
    return (
      <p class="nothing" data-key="home">
        This is the app's home. It has published nothing for you yet.
      </p>
    );
  return (
    <section data-key={`home ${home.hash}`} aria-label="Home tab">
      <Blocks blocks={home.blocks} world={scene.world} />
    </section>
  );
}

function DirectMessages({ scene }: { scene: Scene }): VNode | null {
  const direct = directOf(scene.workspace, scene.me);
  if (direct === undefined || direct.messages.length === 0) return null;
  const parents = direct.messages.filter(({ thread_ts, ts }) => thread_ts === undefined || thread_ts === ts);
  return (
    <section data-key={`direct ${direct.messages.at(-1)?.ts}`} aria-label="Messages to you">
      <h2 class="direct-title">Messages to you</h2>
      {parents
        .flatMap(({ ts }) => threadOf(scene, direct, ts))
        .map((shown) => (
          <Message shown={shown} scene={scene} channel={direct} inThread />
        ))}
    </section>
  );
}

import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

export interface PageFrame {
  title: string;
  /** Where in the navigation this page is. */
  here: 'incidents' | 'log' | 'none';
  style: string;
  icon: string;
  scripts: string[];
  /** Who is looking; undefined when nobody said. */
  person: string | undefined;
  /** How people are known here; `none` on pages that come before that. */
  mode: 'open' | 'tokens' | 'none';
  csrf: string;
  /** Said at the foot of every page: what this installation is not. */
  notices: string[];
}

/** htmx without inline styles and without eval, and with answers of refused clicks shown like any other. */
const HTMX = JSON.stringify({
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: '204', swap: false },
    { code: '...', swap: true },
  ],
});

export function renderPage(page: VNode): string {
  return `<!doctype html>${renderToString(page)}`;
}

export function Page(props: { frame: PageFrame; children: ComponentChildren }): VNode {
  const { frame } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX} />
        <title>{frame.title}</title>
        <link rel="icon" href={frame.icon} type="image/svg+xml" />
        <link rel="stylesheet" href={frame.style} />
        {frame.scripts.map((script) => (
          <script key={script} src={script} defer />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <TopBar frame={frame} />
        <main id="main" tabIndex={-1}>
          {props.children}
        </main>
        {frame.notices.length === 0 ? null : <footer class="foot">{frame.notices.join(' ')}</footer>}
      </body>
    </html>
  );
}

function TopBar({ frame }: { frame: PageFrame }): VNode {
  return (
    <header class="top">
      <a class="brand" href="/">
        Countersign
      </a>
      <nav aria-label="Pages">
        <a href="/" {...current(frame.here === 'incidents')}>
          Incidents
        </a>
        <a href="/log" {...current(frame.here === 'log')}>
          Log
        </a>
      </nav>
      <Identity frame={frame} />
    </header>
  );
}

function current(is: boolean): { 'aria-current'?: 'page' } {
  return is ? { 'aria-current': 'page' } : {};
}

function Identity({ frame }: { frame: PageFrame }): VNode | null {
  if (frame.mode === 'none') return null;
  if (frame.mode === 'open') {
    return (
      <a class="identity" href="/who">
        {frame.person ?? 'Who are you?'}
      </a>
    );
  }
  return (
    <form class="identity" method="post" action="/sign-out">
      <input type="hidden" name="csrf" value={frame.csrf} />
      <span>{frame.person}</span>
      <button type="submit" class="link">
        Sign out
      </button>
    </form>
  );
}

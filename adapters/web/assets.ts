import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import express, { type Router } from 'express';

interface Asset {
  path: string;
  type: string;
  body: Buffer;
}

/** The page's files: two scripts from their packages, our style sheet and mark. Their addresses carry their content's hash. */
export interface Assets {
  router: Router;
  style: string;
  icon: string;
  scripts: string[];
}

/** Two strokes: a signature, and the one beside it. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5f8b"/><path d="M7 17l5 5 6-12M15 22l10-12" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

export function loadAssets(): Assets {
  const packages = createRequire(import.meta.url);
  const style = asset('page', 'css', readFileSync(new URL('./page.css', import.meta.url)));
  const icon = asset('mark', 'svg', Buffer.from(ICON));
  const scripts = [
    asset('htmx', 'js', readFileSync(packages.resolve('htmx.org/dist/htmx.min.js'))),
    asset('sse', 'js', readFileSync(packages.resolve('htmx-ext-sse/dist/sse.min.js'))),
  ];
  const router = express.Router();
  for (const { path, type, body } of [style, icon, ...scripts]) {
    router.get(path, (_request, response) => {
      response.set('Cache-Control', 'public, max-age=31536000, immutable').type(type).send(body);
    });
  }
  return { router, style: style.path, icon: icon.path, scripts: scripts.map(({ path }) => path) };
}

function asset(name: string, type: string, body: Buffer): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { path: `/assets/${name}-${hash}.${type}`, type, body };
}

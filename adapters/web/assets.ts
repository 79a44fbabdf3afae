import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import express, { type Router } from 'express';

interface Asset {
  path: string;
  type: string;
  body: Buffer;
}

/** The page's three files: two scripts from their packages and our style sheet. Their addresses carry their content's hash. */
export interface Assets {
  router: Router;
  style: string;
  scripts: string[];
}

export function loadAssets(): Assets {
  const packages = createRequire(import.meta.url);
  const style = asset('page', 'css', readFileSync(new URL('./page.css', import.meta.url)));
  const scripts = [
    asset('htmx', 'js', readFileSync(packages.resolve('htmx.org/dist/htmx.min.js'))),
    asset('sse', 'js', readFileSync(packages.resolve('htmx-ext-sse/dist/sse.min.js'))),
  ];
  const router = express.Router();
  for (const { path, type, body } of [style, ...scripts]) {
    router.get(path, (_request, response) => {
      response.set('Cache-Control', 'public, max-age=31536000, immutable').type(type).send(body);
    });
  }
  return { router, style: style.path, scripts: scripts.map(({ path }) => path) };
}

function asset(name: string, type: string, body: Buffer): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { path: `/assets/${name}-${hash}.${type}`, type, body };
}

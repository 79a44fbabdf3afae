// tsc copies no data: prompts, styles, policies and scenarios go beside the compiled code that reads them.
import { cpSync, existsSync, rmSync } from 'node:fs';
import { extname } from 'node:path';

const COPIED = new Set(['.md', '.css', '.js', '.yaml', '.yml', '.json', '.svg', '.lua', '.py', '.sql']);
for (const room of ['src', 'adapters', 'tools', 'queues', 'fixtures', 'test/support/slack']) {
  if (!existsSync(room)) continue;
  cpSync(room, `dist/${room}`, {
    recursive: true,
    filter: (from) => extname(from) === '' || COPIED.has(extname(from)),
  });
}
rmSync('dist/tsconfig.json', { force: true });

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunManifest, type RunRecord } from '../evaluate/model.js';

/** Keeps one case among those of the same agent. */
export function keepCase(dir: string, manifest: RunManifest, record: RunRecord): void {
  const file = join(dir, 'run.json');
  mkdirSync(join(dir, 'runs'), { recursive: true });
  const before = existsSync(file) ? RunManifest.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
  const others = before?.scenarios.filter(({ id }) => id !== manifest.scenarios[0]?.id) ?? [];
  writeFileSync(
    file,
    JSON.stringify({ ...manifest, ...before, scenarios: [...others, ...manifest.scenarios] }, null, 2),
  );
  const name = `${record.result.scenario}-${record.result.repeat}.json`;
  writeFileSync(join(dir, 'runs', name), JSON.stringify(record, null, 2));
}

import { aclLines, DEFAULT_USER, REDIS_ROLES } from '../../adapters/redis/acl.js';
import { manifestDigest, toolManifest } from '../../tools/registry.js';
import { EXIT, type Output, table } from './cli-output.js';

/** `tools`: what the agent is given, and the hash that lands in every investigation. */
export async function listTools(output: Output, json: boolean): Promise<number> {
  const manifest = toolManifest();
  if (json) {
    output.json({ ...manifest, digest: manifestDigest() });
    return EXIT.good;
  }
  for (const row of table(
    manifest.tools.map((tool) => [tool.name, tool.version, tool.kind, tool.description.split('\n')[0] ?? '']),
  ))
    output.line(row);
  output.line(`manifest ${manifestDigest()}`);
  return EXIT.good;
}

/** `acl`: the four users with a placeholder for each password. */
export async function printAcl(output: Output): Promise<number> {
  const passwords = Object.fromEntries(REDIS_ROLES.map((role) => [role, ''])) as Record<
    (typeof REDIS_ROLES)[number],
    string
  >;
  output.line("# Replace each hash by the SHA-256 of that role's own password: printf %s PASSWORD | sha256sum");
  output.line('# Off, but not without rights: Redis 7.0 would skip transactions when it loads its append-only file.');
  output.line(DEFAULT_USER);
  for (const line of aclLines(passwords)) output.line(line.replace(/#[0-9a-f]{64}/, '#<sha256-of-the-password>'));
  return EXIT.good;
}

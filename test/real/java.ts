import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { runToEnd } from './processes.js';
import type { Place } from './system.js';

const JVM_FOLDER = '/usr/lib/jvm';

/** The oldest installed JDK of at least this release. @throws Error naming what to install. */
export function javaHome(atLeast: number): string {
  const found = (existsSync(JVM_FOLDER) ? readdirSync(JVM_FOLDER) : [])
    .map((name) => ({ home: join(JVM_FOLDER, name), release: releaseOf(join(JVM_FOLDER, name, 'release')) }))
    .filter(({ release }) => release >= atLeast)
    .sort((a, b) => a.release - b.release);
  const [oldest] = found;
  if (oldest) return oldest.home;
  throw new Error(`A JDK ${atLeast} or newer is needed below ${JVM_FOLDER}.`);
}

function releaseOf(file: string): number {
  const version = existsSync(file) ? /JAVA_VERSION="(\d+)/.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
  return Number(version ?? 0);
}

/** Fetches one artifact, `group:artifact:version:type[:classifier]`, from Maven Central. @returns its path in the local repository. */
export async function mavenArtifact(coordinates: string): Promise<string> {
  const [group = '', artifact = '', version = '', type = 'jar', classifier] = coordinates.split(':');
  const file = `${artifact}-${version}${classifier === undefined ? '' : `-${classifier}`}.${type}`;
  const path = join(homedir(), '.m2/repository', ...group.split('.'), artifact, version, file);
  if (!existsSync(path)) {
    await runToEnd({
      program: 'mvn',
      args: ['-q', '-B', 'dependency:get', `-Dartifact=${coordinates}`, '-Dtransitive=false'],
    });
  }
  return path;
}

/** Unpacks an archive of Maven Central once into the cache. @returns the folder that holds what was in it. */
export async function unpacked(place: Place, coordinates: string): Promise<string> {
  const folder = join(place.cache, coordinates.split(':').slice(1, 3).join('-'));
  if (existsSync(folder)) return folder;
  const archive = await mavenArtifact(coordinates);
  // Unpacked beside and moved: an interrupted unpacking leaves nothing that looks whole.
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const args = basename(archive).endsWith('.zip') ? ['-q', archive, '-d', partial] : ['-xf', archive, '-C', partial];
  await runToEnd({ program: basename(archive).endsWith('.zip') ? 'unzip' : 'tar', args });
  renameSync(partial, folder);
  return folder;
}

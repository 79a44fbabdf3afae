import { execFile } from 'node:child_process';
import { AppError } from '../../src/domain/errors.js';
import { gitAddress } from './address.js';

export interface GitDeps {
  /** Address or folder of the remote repository. */
  repository: string;
  /** Folder for this role's clones; each repository gets its own below it. */
  cache: string;
  /** The branch that counts; the remote's default branch when unset. */
  branch?: string;
  /** All that git sees of the environment (PATH, HOME for credential helpers, SSH_AUTH_SOCK); nothing is inherited. */
  environment?: Record<string, string>;
  timeoutMs?: number;
}

export interface GitResult {
  code: number;
  stdout: string;
  /** For decisions in code only: it may hold addresses and content, so it reaches no text. */
  stderr: string;
  /** The output was longer than `maxBytes` and was cut. */
  cut: boolean;
}

export interface GitOptions {
  cwd?: string;
  signal?: AbortSignal | undefined;
  input?: string;
  maxBytes?: number;
  /** `latin1` keeps every byte apart, for output whose lengths count. */
  encoding?: 'utf8' | 'latin1';
  env?: Record<string, string>;
}

const SAFE = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.quotePath=false',
  '-c',
  'gc.auto=0',
  '-c',
  'commit.gpgSign=false',
  // Who wrote what is told as the commits say; a file of the repository must not rename its authors.
  '-c',
  'mailmap.blob=',
  '-c',
  'protocol.allow=never',
  '-c',
  'protocol.http.allow=always',
  '-c',
  'protocol.https.allow=always',
  '-c',
  'protocol.ssh.allow=always',
  '-c',
  'protocol.file.allow=always',
];
const USUAL_PATH = '/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin';

/** Runs git with an argument list, never a shell; never prompts, runs no hook. A non-zero exit is a result, not an error. */
export async function runGit(deps: GitDeps, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      [...SAFE, ...args],
      {
        cwd: options.cwd,
        signal: options.signal,
        timeout: deps.timeoutMs ?? 60_000,
        maxBuffer: options.maxBytes ?? 32_000_000,
        encoding: options.encoding ?? 'utf8',
        env: {
          PATH: USUAL_PATH,
          ...deps.environment,
          ...gitAddress(deps.repository).environment,
          ...options.env,
          GIT_TERMINAL_PROMPT: '0',
          GIT_OPTIONAL_LOCKS: '0',
          GIT_LITERAL_PATHSPECS: '1',
          LC_ALL: 'C',
        },
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ code: 0, stdout, stderr, cut: false });
        const { code, killed } = error;
        if (String(code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
          return resolve({ code: 0, stdout, stderr, cut: true });
        if (typeof code === 'number') return resolve({ code, stdout, stderr, cut: false });
        if (options.signal?.aborted || killed) {
          return reject(new AppError('timeout', { safeText: 'Git did not finish in time.', cause: error.name }));
        }
        reject(new AppError('misconfigured', { safeText: 'Git could not be started; is it installed?' }));
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** Like runGit, and a non-zero exit is an AppError in our words. */
export async function git(
  deps: GitDeps,
  args: readonly string[],
  options: GitOptions & { failure?: string } = {},
): Promise<string> {
  const result = await runGit(deps, args, options);
  if (result.code === 0) return result.stdout;
  throw new AppError('unavailable', { safeText: options.failure ?? `Git ${args[0] ?? ''} failed.` });
}

/** A commit name that git can not take for an option, a range or a path. */
export function checkedRevision(revision: string): string {
  if (/^[0-9a-f]{7,64}(\^|~\d{1,4})?$/.test(revision)) return revision;
  throw new AppError('invalid_input', { field: 'sha', safeText: 'A commit is named by 7 to 64 hexadecimal digits.' });
}

/** A path inside the repository: relative, no `..`, nothing that git gives a meaning of its own. */
export function checkedPath(path: string): string {
  const parts = path.split('/');
  const wrong = parts.some((part) => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git');
  if (wrong || path.length > 500 || /^[-:]|\p{Cc}|\\/u.test(path)) {
    throw new AppError('invalid_input', {
      field: 'file',
      safeText: 'A file is named by its path inside the repository.',
    });
  }
  return path;
}

import { afterEach, describe, expect, it } from 'vitest';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from '../../test/support/scripted-http.js';
import { createSlackClient } from './client.js';
import { slackCode, slackError } from './errors.js';

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

/** What the real client throws at this answer. */
async function thrownAt(answer: ScriptedAnswer): Promise<unknown> {
  server = await startScriptedServer(() => answer);
  return createSlackClient({ token: 'xoxb-test', apiUrl: `${server.url}/api/` })
    .chat.postMessage({ channel: 'C1', text: 't' })
    .then(
      () => undefined,
      (error: unknown) => error,
    );
}
const refusal = (error: string, more: object = {}): ScriptedAnswer => ({ json: { ok: false, error, ...more } });

describe('what Slack and the network do becomes one of our errors', () => {
  const CASES: [name: string, answer: ScriptedAnswer, kind: ErrorKind, retryable: boolean][] = [
    ['blocks that it refuses', refusal('invalid_blocks'), 'invalid_input', false],
    ['too much text', refusal('msg_blocks_too_long'), 'invalid_input', false],
    ['a deleted message', refusal('message_not_found'), 'not_found', false],
    ['a channel without us', refusal('not_in_channel'), 'forbidden', false],
    ['an archived channel', refusal('is_archived'), 'forbidden', false],
    ['an edit in an archived channel', refusal('is_inactive'), 'forbidden', false],
    ['a missing scope', refusal('missing_scope', { needed: 'chat:write', provided: 'users:read' }), 'forbidden', false],
    ['a bad token', refusal('invalid_auth'), 'unauthenticated', false],
    ['a failure inside', refusal('fatal_error'), 'unavailable', true],
    ['a limit told in the body', refusal('ratelimited'), 'rate_limited', true],
    ['an old trigger', refusal('expired_trigger_id'), 'precondition', false],
    ['a code that nobody knows', refusal('some_new_code'), 'unexpected_answer', false],
    ['a page of a proxy', { text: '<html>Sign in</html>' }, 'unavailable', true],
    ['a page of a proxy without a word', { text: 'null' }, 'unavailable', true],
    ['a broken gateway', { status: 502, text: 'x' }, 'unavailable', true],
    ['a request that is too large', { status: 413, text: 'x' }, 'invalid_input', false],
    ['an address that is none', { status: 404, text: 'x' }, 'unexpected_answer', false],
    ['a cut connection', { cut: true }, 'unavailable', true],
    [
      'a body that ends early',
      { json: { ok: true }, headers: { 'content-length': '999', connection: 'close' } },
      'unavailable',
      true,
    ],
    ['a limit without a time', { status: 429, json: { ok: false } }, 'rate_limited', true],
  ];
  it.each(CASES)('%s', async (_, answer, kind, retryable) => {
    const error = slackError(await thrownAt(answer));
    expect([error.kind, error.retryable]).toEqual([kind, retryable]);
    expect(error.safeText).toMatch(/^[A-Z].*[.@a-z]$/);
    expect(error.cause).toBeDefined();
  });

  it('keeps how long to wait', async () => {
    const error = slackError(await thrownAt({ status: 429, headers: { 'retry-after': '17' }, json: { ok: false } }));
    expect([error.kind, error.retryAfterMs]).toEqual(['rate_limited', 17_000]);
  });

  it('has no time to wait where Slack tells none', async () => {
    expect(slackError(await thrownAt({ status: 429, json: { ok: false } })).retryAfterMs).toBeUndefined();
  });

  it('tells no word of Slack, of a proxy or of an address', async () => {
    for (const answer of [
      refusal('ignore_previous_instructions'),
      refusal('missing_scope', { needed: 'leak' }),
      { text: '<html>leak</html>' },
      { status: 500, text: 'leak' },
      { cut: true },
    ]) {
      const { safeText } = slackError(await thrownAt(answer));
      expect(safeText).not.toMatch(/leak|ignore_previous|127\.0\.0\.1|xoxb/);
      await server?.close();
    }
  });

  it('says what to do where somebody can do something', async () => {
    expect(slackError(await thrownAt(refusal('not_in_channel'))).safeText).toContain('/invite @Countersign');
  });

  it('a time-out is not known to have done nothing', () => {
    const error = slackError(new DOMException('slow', 'TimeoutError'));
    expect([error.kind, error.retryable]).toEqual(['timeout', true]);
    expect(error.safeText).toContain('not known');
  });

  it('passes our own errors', () => {
    const ours = new AppError('conflict', { safeText: 'Ours.' });
    expect(slackError(ours)).toBe(ours);
  });
});

describe('the code for those who react to one in particular', () => {
  it('is there for codes that are known, and for no others', async () => {
    expect(slackCode(await thrownAt(refusal('message_not_found')))).toBe('message_not_found');
    expect(slackCode(await thrownAt(refusal('toString')))).toBeUndefined();
    expect(slackCode(new Error('message_not_found'))).toBeUndefined();
  });
});

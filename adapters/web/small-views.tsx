import type { VNode } from 'preact';
import type { ClickAnswer } from '../../src/domain/decision.js';
import type { AskAnswer, LogState } from '../../src/domain/ports.js';

const ANSWER_TONES: Record<ClickAnswer['outcome'], string> = {
  decided: 'good',
  vote_counted: 'good',
  modified: 'good',
  duplicate: 'neutral',
  too_late: 'waiting',
  stale: 'waiting',
  not_allowed: 'bad',
  invalid: 'bad',
};

export interface Said {
  tone: string;
  text: string;
}

export function saidOf(answer: ClickAnswer): Said {
  return { tone: ANSWER_TONES[answer.outcome], text: answer.text };
}

/** What a click is answered with, shown to the one who clicked. */
export function AnswerBox({ said }: { said: Said }): VNode {
  return (
    <div class={`answer-box tone-${said.tone}`}>
      <p>{said.text}</p>
    </div>
  );
}

/** The log's own state, for auditors, with what to run to check it. */
export function LogPage({ state }: { state: LogState }): VNode {
  const open = state.entries - state.sealed;
  return (
    <>
      <h1>The log</h1>
      <p class="text">
        Everything on these pages is read from one append-only log. A separate process signs its state every few
        milliseconds; nobody can change, drop or reorder a signed entry without it showing.
      </p>
      <dl class="facts wide">
        <Fact name="Entries" value={state.entries.toLocaleString('en-US')} />
        <Fact name="Newest signed checkpoint" value={`${state.sealed.toLocaleString('en-US')} entries`} />
        <Fact name="Signed at" value={state.sealedAt ?? 'no checkpoint seen yet'} />
        <Fact name="Not yet covered" value={open > 0 ? `${open} newest entries` : 'none'} />
        <Fact name="Root hash" value={state.root ?? 'none yet'} code />
        <Fact name="Log name" value={state.origin} code />
        <Fact name="Public key" value={state.publicKey} code />
      </dl>
      <h2>Check it yourself</h2>
      <p class="text">Against the running log, with nothing but the public key above:</p>
      <pre class="command">countersign log verify</pre>
      <p class="text">Offline, from an export and a checkpoint that you kept elsewhere:</p>
      <pre class="command">
        {`countersign log export FOLDER\ncountersign log verify --dir FOLDER --vkey '${state.publicKey}' --checkpoint kept-checkpoint.txt`}
      </pre>
    </>
  );
}

function Fact({ name, value, code }: { name: string; value: string; code?: boolean }): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{code ? <code>{value}</code> : value}</dd>
    </div>
  );
}

/** A stored answer of a tool, byte for byte as the model saw it; the quote in it is marked. */
export function ObservationText({ text, mark }: { text: string; mark: string | undefined }): VNode {
  const at = mark === undefined || mark === '' ? -1 : text.indexOf(mark);
  if (mark === undefined || at < 0) return <pre class="stored">{text}</pre>;
  return (
    <pre class="stored">
      {text.slice(0, at)}
      <mark>{mark}</mark>
      {text.slice(at + mark.length)}
    </pre>
  );
}

export function ObservationPage(props: { digest: string; text: string; mark: string | undefined }): VNode {
  return (
    <>
      <h1>What the tool answered</h1>
      <p class="text">
        As it was stored and as the reasoner saw it, redacted and bounded. Its SHA-256 is its name:{' '}
        <code class="break">{props.digest}</code>
      </p>
      <ObservationText text={props.text} mark={props.mark} />
    </>
  );
}

/** Without sign-in people name themselves, and the page does not pretend otherwise. */
export function WhoPage(props: {
  people: readonly string[];
  person: string | undefined;
  csrf: string;
  next: string;
}): VNode {
  return (
    <>
      <h1>Who are you?</h1>
      <p class="text">
        This Countersign runs on this machine only and has no sign-in. You name yourself here, and the name goes into
        the log with what you decide. Set <code>COUNTERSIGN_WEB_TOKENS</code> to have people sign in.
      </p>
      {props.people.length === 0 ? <p class="text">The policy names nobody yet, so nobody may approve.</p> : null}
      <form method="post" action="/who" class="people">
        <input type="hidden" name="csrf" value={props.csrf} />
        <input type="hidden" name="next" value={props.next} />
        <fieldset>
          <legend>I am</legend>
          {props.people.map((person) => (
            <label key={person} class="person">
              <input type="radio" name="person" value={person} checked={person === props.person} required /> {person}
            </label>
          ))}
        </fieldset>
        <button type="submit" class="button primary">
          That is me
        </button>
      </form>
    </>
  );
}

export function SignInPage(props: { csrf: string; next: string; fault: string | undefined }): VNode {
  const { fault } = props;
  return (
    <>
      <h1>Sign in</h1>
      <form method="post" action="/sign-in" class="sign-in">
        <input type="hidden" name="csrf" value={props.csrf} />
        <input type="hidden" name="next" value={props.next} />
        <div class={fault === undefined ? 'field' : 'field faulty'}>
          <label for="token">Your token</label>
          <p class="hint" id="token-hint">
            Whoever runs Countersign gave it to you. It carries your name.
          </p>
          <input
            id="token"
            name="token"
            type="password"
            autoComplete="current-password"
            required
            aria-describedby={fault === undefined ? 'token-hint' : 'token-hint token-fault'}
            aria-invalid={fault === undefined ? undefined : 'true'}
          />
          {fault === undefined ? null : (
            <p class="fault" id="token-fault" role="alert">
              {fault}
            </p>
          )}
        </div>
        <button type="submit" class="button primary">
          Sign in
        </button>
      </form>
    </>
  );
}

export function ErrorPage({ title, text }: { title: string; text: string }): VNode {
  return (
    <>
      <h1>{title}</h1>
      <p class="text">{text}</p>
      <p class="text">
        <a href="/">Back to the incidents</a>
      </p>
    </>
  );
}

export function NoteForm(props: { incident: string; csrf: string; gesture: string; who: string }): VNode {
  return (
    <form method="post" action={`/incidents/${encodeURIComponent(props.incident)}/notes`} class="note-form">
      <input type="hidden" name="csrf" value={props.csrf} />
      <input type="hidden" name="gesture" value={props.gesture} />
      <p class="who">{props.who}</p>
      <div class="field">
        <label for="note-text">Add a note</label>
        <textarea id="note-text" name="text" rows={2} maxLength={4000} required />
      </div>
      <button type="submit" class="button plain">
        Add the note
      </button>
    </form>
  );
}

/** What the asker is told at once. */
export function saidOfAsking({ outcome, text }: AskAnswer): Said {
  return { tone: ({ asked: 'good', known: 'neutral', no_budget: 'waiting', refused: 'bad' } as const)[outcome], text };
}

/** A question to the agent; `maxGrant` is how many further tool calls one person may allow it. */
export function AskForm(props: {
  incident: string;
  csrf: string;
  gesture: string;
  who: string;
  maxGrant: number;
}): VNode {
  const grants = Array.from({ length: props.maxGrant }, (_, index) => index + 1);
  return (
    <form method="post" action={`/incidents/${encodeURIComponent(props.incident)}/questions`} class="note-form">
      <input type="hidden" name="csrf" value={props.csrf} />
      <input type="hidden" name="gesture" value={props.gesture} />
      <p class="who">{props.who}</p>
      <div class="field">
        <label for="question-text">Ask the agent</label>
        <p class="hint" id="question-hint">
          It can look things up and answer. It changes nothing, and a question decides nothing.
        </p>
        <textarea id="question-text" name="text" rows={2} maxLength={2000} required aria-describedby="question-hint" />
      </div>
      {grants.length === 0 ? null : (
        <div class="field">
          <label for="question-grant">Tool calls you allow beyond those left over</label>
          <select id="question-grant" name="grant">
            <option value="0">none</option>
            {grants.map((grant) => (
              <option key={grant} value={grant}>
                up to {grant}
              </option>
            ))}
          </select>
        </div>
      )}
      <button type="submit" class="button plain">
        Ask
      </button>
    </form>
  );
}

// The client of the simulated Slack: sends what a person does, and replaces the parts of the page that changed.
import { forgetDraft, wireComposers } from './composer.js';
import { heldBy, restore, valuesIn } from './fields.js';
import { remember, renew, toEnd } from './regions.js';

const { me, place } = document.body.dataset;
const bar = document.getElementById('error-bar');
const drafts = new Map();

async function send(gesture) {
  try {
    const response = await fetch(`/ui/${me}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(gesture),
    });
    return response.ok ? await response.json() : { ok: false, error: 'The simulator did not understand this.' };
  } catch {
    return { ok: false, error: 'The simulator is not running any more.' };
  }
}

let barTimer;
function complain(text) {
  bar.textContent = text;
  bar.hidden = text === '';
  // Over an open modal the bar is behind a veil.
  const note = document.querySelector('dialog.view .view-error');
  if (note) Object.assign(note, { textContent: text, hidden: text === '' });
  clearTimeout(barTimer);
  if (text !== '') barTimer = setTimeout(() => complain(''), 12_000);
}

async function act(gesture, busy) {
  busy?.setAttribute('aria-busy', 'true');
  const answer = await send(gesture);
  busy?.removeAttribute('aria-busy');
  complain(answer.ok || answer.errors ? '' : (answer.error ?? 'That did not work.'));
  return answer;
}

// Where a control stands decides where its press goes.
function press(control, value) {
  const { action, block } = control.dataset;
  const view = control.closest('dialog.view');
  const home = control.closest('[data-home]');
  const message = control.closest('.message');
  const root = view ?? message ?? home;
  const base = { action, block, values: valuesIn(root), ...(value === undefined ? {} : { value }) };
  if (message !== null) {
    const { channel, ts } = message.dataset;
    return act({ do: 'click', channel, ts, ...base }, control);
  }
  return act({ do: 'view-click', home: view === null, ...base }, control);
}

function confirmed(control) {
  const dialog = control.closest('.element')?.querySelector('dialog.confirm');
  if (!dialog) return Promise.resolve(true);
  return new Promise((resolve) => {
    dialog.returnValue = '';
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    dialog.showModal();
  });
}

document.addEventListener('click', async (event) => {
  const control = event.target.closest('button, a');
  const menuButton = control?.dataset.menu === undefined ? undefined : control;
  for (const list of document.querySelectorAll('.menu-list:not([hidden])'))
    if (list.previousElementSibling !== menuButton) list.hidden = true;
  if (!control) return;
  const { dataset } = control;
  if (menuButton) menuButton.nextElementSibling.hidden = !menuButton.nextElementSibling.hidden;
  else if (dataset.confirm) control.closest('dialog').close(dataset.confirm);
  else if (dataset.close) await act({ do: 'close', all: dataset.close === 'all' });
  else if (dataset.weather)
    await act({ do: 'weather', what: dataset.weather, ...(dataset.fault ? { fault: Number(dataset.fault) } : {}) });
  else if (dataset.shortcut || dataset.delete) await messageAct(control);
  else if (dataset.action !== undefined && (await confirmed(control))) await press(control, dataset.value);
});

function messageAct(control) {
  const { channel, ts } = control.closest('.message').dataset;
  const { shortcut } = control.dataset;
  return act(shortcut ? { do: 'shortcut', id: shortcut, channel, ts } : { do: 'delete', channel, ts });
}

// Selects, ticks and dates outside of a form's fields are sent as soon as they change.
document.addEventListener('change', async (event) => {
  if (event.target.id === 'who') {
    location.href = location.pathname.replace(/^\/ui\/[^/]+/, `/ui/${event.target.value}`);
    return;
  }
  const field = event.target.closest('[data-field]');
  if (!field) return;
  const dispatched = field.closest('.form-field')?.dataset.dispatch === 'yes';
  if (field.dataset.form === 'yes' ? dispatched : true) if (await confirmed(field)) await press(field, heldBy(field));
});

document.addEventListener('input', (event) => {
  const view = event.target.closest('dialog.view');
  if (view) drafts.set(view.dataset.view, valuesIn(view));
});

// Forms: what was written, the weather, and a modal's submit.
document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.matches('.composer')) return write(form);
  if (form.dataset.weather) {
    const { kind, often } = Object.fromEntries(new FormData(form));
    return act({ do: 'weather', what: 'add', kind, often });
  }
  const view = form.closest('dialog.view');
  if (view) await submit(view);
});

async function submit(view) {
  const button = view.querySelector('button[type=submit]');
  if (!button || button.hasAttribute('aria-busy')) return;
  const answer = await act({ do: 'submit', values: valuesIn(view) }, button);
  for (const place of view.querySelectorAll('[data-error-of]')) {
    const error = answer.errors?.[place.dataset.errorOf] ?? '';
    place.textContent = error;
    place.closest('.form-field').classList.toggle('wrong', error !== '');
  }
  view.querySelector('.form-field.wrong :is(input, textarea, select)')?.focus();
}

async function write(form) {
  const field = form.querySelector('textarea');
  const text = field.value.trim();
  if (text === '') return;
  field.value = '';
  const { channel, thread } = form.dataset;
  const answer = await act({ do: 'post', channel, text, ...(thread ? { thread } : {}) });
  if (!answer.ok && field.value === '') field.value = text;
  forgetDraft(form);
  await refresh();
  toEnd(form.closest('.pane').querySelector('.messages'));
}

// What changed on the server, part by part: what is the same stays untouched, with its open folds and typed words.
let running = false;
let again = false;
async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    const html = await (await fetch(location.pathname)).text();
    const fresh = new DOMParser().parseFromString(html, 'text/html');
    for (const region of fresh.querySelectorAll('[data-region]')) {
      const there = document.querySelector(`[data-region="${region.dataset.region}"]`);
      if (!there) continue;
      renew(there, region);
      if (region.dataset.region === 'modal') openView(there.firstElementChild);
    }
  } catch {
    complain('The simulator does not answer. It is tried again.');
  }
  running = false;
  if (again) {
    again = false;
    await refresh();
  }
}

function openView(view) {
  if (!view || view.open) return;
  restore(view, drafts.get(view.dataset.view));
  view.addEventListener('cancel', (event) => {
    event.preventDefault();
    act({ do: 'close', all: false });
  });
  view.showModal();
  // Not the first field: what stands above it is to be read first.
  view.querySelector('[autofocus]')?.focus();
}

// Read marks: what stands on a visible page was seen after a moment.
function seen() {
  if (document.visibilityState !== 'visible') return;
  const { channel, thread } = document.body.dataset;
  const last = (region) => [...document.querySelectorAll(`[data-region="${region}"] .message`)].at(-1)?.dataset.ts;
  const root = last('channel');
  const reply = last('thread');
  if (channel && root) tellSeen(channel, { channel, ts: root });
  if (thread && reply) tellSeen(thread, { channel, thread, ts: reply });
}

const told = new Map();
function tellSeen(where, what) {
  if (told.get(where) === what.ts) return;
  told.set(where, what.ts);
  send({ do: 'read', ...what });
}

for (const region of document.querySelectorAll('[data-region]')) {
  remember(region);
  if (region.dataset.scroll === 'end') toEnd(region);
  if (region.dataset.region === 'modal') openView(region.firstElementChild);
}
wireComposers(write);
document.querySelector('.workspace').inert = false;
if (performance.getEntriesByType('navigation')[0]?.type === 'reload') send({ do: 'reload' });
if (place === 'home') send({ do: 'open-home' });
new EventSource(`/ui/live?user=${me}`).onmessage = refresh;
setInterval(seen, 1500);

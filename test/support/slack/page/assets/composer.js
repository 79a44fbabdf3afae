// Where one writes: Enter sends, drafts stay when one looks elsewhere, and names are completed.

const draftKey = (form) => `draft ${document.body.dataset.me} ${form.dataset.channel} ${form.dataset.thread ?? ''}`;

export function forgetDraft(form) {
  sessionStorage.removeItem(draftKey(form));
}

export function wireComposers(write) {
  for (const form of document.querySelectorAll('.composer')) wire(form, write);
}

function wire(form, write) {
  const field = form.querySelector('textarea');
  const list = form.querySelector('.suggestions');
  const all = JSON.parse(field.dataset.suggest);
  field.readOnly = false;
  field.value = sessionStorage.getItem(draftKey(form)) ?? '';
  grow(field);

  field.addEventListener('input', () => {
    sessionStorage.setItem(draftKey(form), field.value);
    grow(field);
    suggest();
  });

  field.addEventListener('keydown', (event) => {
    const open = !list.hidden;
    if (event.key === 'Escape') list.hidden = true;
    else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) move(event.key === 'ArrowDown' ? 1 : -1);
    else if (open && (event.key === 'Enter' || event.key === 'Tab')) pick(list.querySelector('[aria-selected=true]'));
    else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) write(form);
    else return;
    if (event.key !== 'Escape') event.preventDefault();
  });

  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    pick(event.target.closest('button'));
  });
  field.addEventListener('blur', () => {
    list.hidden = true;
  });

  // The word before the caret, where it begins like a name or a command.
  function started() {
    return /(?:^|\s)([@][^\s@]*|^\/\S*)$/.exec(field.value.slice(0, field.selectionStart))?.[1];
  }

  function suggest() {
    const word = started()?.toLowerCase();
    const found = word ? all.filter((name) => name.toLowerCase().startsWith(word) && name.toLowerCase() !== word) : [];
    list.replaceChildren(
      ...found.slice(0, 6).map((name, at) => {
        const option = document.createElement('button');
        Object.assign(option, { type: 'button', tabIndex: -1, textContent: name });
        option.setAttribute('role', 'option');
        option.setAttribute('aria-selected', String(at === 0));
        return option;
      }),
    );
    list.hidden = found.length === 0;
  }

  function move(step) {
    const options = [...list.children];
    const now = options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
    const next = (now + step + options.length) % options.length;
    for (const [at, option] of options.entries()) option.setAttribute('aria-selected', String(at === next));
  }

  function pick(option) {
    if (!option) return;
    const caret = field.selectionStart;
    const from = caret - (started()?.length ?? 0);
    field.setRangeText(`${option.textContent} `, from, caret, 'end');
    list.hidden = true;
    field.dispatchEvent(new Event('input'));
    field.focus();
  }
}

function grow(field) {
  field.rows = Math.min(8, Math.max(1, field.value.split('\n').length));
}

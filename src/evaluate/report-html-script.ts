/** Filters and links into folded runs. Without it everything is there, unfiltered. Reads attributes, writes no markup. */
export const SCRIPT = `
(() => {
  const rows = [...document.querySelectorAll('[data-run]')];
  const fields = [...document.querySelectorAll('[data-filter]')];
  const shown = document.getElementById('shown');
  const matches = (row, field) => {
    const wanted = field.value.trim().toLowerCase();
    if (wanted === '') return true;
    const own = (row.dataset[field.dataset.filter] || '').toLowerCase();
    return field.tagName === 'SELECT' ? own.split(' ').includes(wanted) : own.includes(wanted);
  };
  const apply = () => {
    const kept = new Set();
    for (const row of rows) {
      row.hidden = !fields.every((field) => matches(row, field));
      if (!row.hidden) kept.add(row.dataset.run);
    }
    if (shown) shown.textContent = kept.size + ' of ' + new Set(rows.map((row) => row.dataset.run)).size + ' runs';
  };
  for (const field of fields) field.addEventListener('input', apply);
  const filters = document.getElementById('filters');
  if (filters) filters.hidden = false;
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === 'DETAILS') {
      target.open = true;
      target.hidden = false;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', open);
  apply();
  open();
})();
`;

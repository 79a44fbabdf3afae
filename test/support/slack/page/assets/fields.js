// Fields of messages and forms: what they hold, by block and action.
export function heldBy(field) {
  if (field.dataset.field === 'text') return field.value;
  if (field.dataset.field === 'select')
    return field.multiple ? [...field.selectedOptions].map(({ value }) => value) : field.value;
  const ticked = [...field.querySelectorAll('input:checked')].map(({ value }) => value);
  return field.dataset.type === 'checkboxes' ? ticked : (ticked[0] ?? '');
}

export function valuesIn(root) {
  const values = {};
  for (const field of root.querySelectorAll('[data-field]')) {
    const { block, action } = field.dataset;
    values[block] = { ...values[block], [action]: heldBy(field) };
  }
  return values;
}

export function restore(root, values) {
  for (const field of root.querySelectorAll('[data-field]')) {
    const value = values?.[field.dataset.block]?.[field.dataset.action];
    if (value === undefined) continue;
    const chosen = [value].flat();
    if (field.dataset.field === 'text') field.value = value;
    else if (field.dataset.field === 'select')
      for (const option of field.options) option.selected = chosen.includes(option.value);
    else for (const input of field.querySelectorAll('input')) input.checked = chosen.includes(input.value);
  }
}

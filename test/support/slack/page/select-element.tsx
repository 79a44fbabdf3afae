import type { Option } from '@slack/types';
import type { ComponentChildren, VNode } from 'preact';
import { type Choice, plain, type SlackElement, type Spot, wired } from './spot.js';

interface Group {
  label?: string;
  choices: Choice[];
}

/** A menu of one or several options, of people or of channels. */
export function select(element: SlackElement, spot: Spot): VNode {
  const many = element.type.startsWith('multi_');
  const chosen = new Set(initialOf(element));
  const options = (choices: Choice[]): ComponentChildren =>
    choices.map(({ value, text }) => (
      <option value={value} selected={chosen.has(value)}>
        {text}
      </option>
    ));
  const placeholder = plain(element['placeholder']) || 'Select an option';
  return (
    <select multiple={many} data-field="select" {...wired(element, spot)} aria-label={spot.label ?? placeholder}>
      {many ? null : <option value="">{placeholder}</option>}
      {groupsOf(element, spot).map(({ label, choices }) =>
        label === undefined ? options(choices) : <optgroup label={label}>{options(choices)}</optgroup>,
      )}
    </select>
  );
}

function groupsOf(element: SlackElement, spot: Spot): Group[] {
  if (element.type.includes('users_')) return [{ choices: spot.people }];
  if (element.type.includes('channels_') || element.type.includes('conversations_'))
    return [{ choices: spot.channels }];
  const choice = (option: Option): Choice => ({ value: option.value ?? '', text: plain(option.text) });
  const groups = (element['option_groups'] ?? []) as { label: unknown; options: Option[] }[];
  const loose = (element['options'] ?? []) as Option[];
  return [
    { choices: loose.map(choice) },
    ...groups.map((group) => ({ label: plain(group.label), choices: group.options.map(choice) })),
  ];
}

function initialOf(element: SlackElement): string[] {
  const option = element['initial_option'] as Option | undefined;
  const options = (element['initial_options'] ?? []) as Option[];
  const ids = ['user', 'channel', 'conversation'].flatMap((kind) =>
    [element[`initial_${kind}`], element[`initial_${kind}s`]].flat(),
  );
  return [option?.value, ...options.map(({ value }) => value), ...ids].filter((value) => typeof value === 'string');
}

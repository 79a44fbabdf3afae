import type { Field } from './form.js';
import type { Policy } from './policy.js';
import type { ProposalStep, RepairAction } from './proposal.js';
import { amountIn, writtenAs } from './quantity.js';
import { editRetry, retryFields } from './retry-edit.js';
import type { EditContext, Edited } from './step-edit-types.js';
import { configVerification, increaseTitle, rollbackTitle, schemaAfter, schemaTitle } from './step-text.js';
import { widerTypes } from './type-widening.js';

/** What one kind of step lets a person change, and how the change is carried into the step. */
export interface StepEditor {
  fields(step: ProposalStep, policy: Policy | undefined): Field[];
  apply(step: ProposalStep, values: Record<string, string>, context: EditContext): Edited;
}

const NOTHING: StepEditor = { fields: () => [], apply: (step) => ({ step }) };
const EDITORS: Record<RepairAction['do'], StepEditor> = {
  retry: { fields: retryFields, apply: editRetry },
  schema_evolution: { fields: typeFields, apply: editType },
  config_rollback: { fields: rollbackFields, apply: editRollback },
  resource_increase: { fields: increaseFields, apply: editIncrease },
};

export function editorOf(step: ProposalStep): StepEditor {
  return EDITORS[step.action.do] ?? NOTHING;
}

/** The types that may be chosen: the proposed one and wider; for a widening, wider than the column is now. */
function typeFields({ action }: ProposalStep): Field[] {
  if (action.do !== 'schema_evolution' || (action.op !== 'add_column' && action.op !== 'set_type')) return [];
  const proposed = String(action.arg['type']);
  const options = widerTypes(proposed).map((type) => ({ value: type, label: type }));
  const column = String(action.arg[action.op === 'add_column' ? 'name' : 'column']);
  return options.length < 2
    ? []
    : [
        {
          kind: 'choice',
          name: 'type',
          label: `Type of ${column}`,
          value: options[0]?.value ?? proposed,
          required: true,
          options,
        },
      ];
}

function editType(step: ProposalStep, values: Record<string, string>): Edited {
  const { action } = step;
  const type = values['type'] ?? '';
  if (action.do !== 'schema_evolution') return { step };
  if (!widerTypes(String(action.arg['type'])).includes(type))
    return { faults: { type: 'choose one of the types offered' } };
  const edited = { ...action, arg: { ...action.arg, type } };
  return {
    step: {
      ...step,
      action: edited,
      title: schemaTitle(edited),
      after: schemaAfter(edited),
      verification: step.verification.map((check) =>
        check.fact === 'delta.column_type'
          ? { ...check, value: type, text: check.text.replace(/ is \S+$/, ` is ${type}`) }
          : check,
      ),
    },
  };
}

function rollbackFields({ action, alternatives, verification }: ProposalStep): Field[] {
  if (action.do !== 'config_rollback' || alternatives === undefined || alternatives.length < 2) return [];
  const promised = verification.find(({ fact }) => fact === 'config.value')?.value;
  const chosen = alternatives.find(({ value }) => value === promised) ?? alternatives[0];
  const options = alternatives.map(({ to, text }) => ({ value: to, label: text }));
  return [
    {
      kind: 'choice',
      name: 'to',
      label: `Value of ${action.target}`,
      value: chosen?.to ?? action.to,
      required: true,
      options,
    },
  ];
}

function editRollback(step: ProposalStep, values: Record<string, string>): Edited {
  const { action } = step;
  if (action.do !== 'config_rollback') return { step };
  const chosen = step.alternatives?.find(({ to }) => to === values['to']);
  if (!chosen) return { faults: { to: 'choose one of the values offered' } };
  const edited = { ...action, to: chosen.to };
  const promise = step.verification.find(({ fact }) => fact === 'config.value');
  const check = configVerification(action.target, chosen.value, promise?.withinSeconds ?? 600);
  return {
    step: {
      ...step,
      action: edited,
      title: rollbackTitle(edited, chosen.value),
      after: step.after.replace(/^([^:\n]*): .*/, (_, key: string) => `${key}: ${chosen.value}`),
      verification: [check, ...step.verification.filter(({ fact }) => fact !== 'config.value')],
    },
  };
}

/** The setting's unit is that in which the step writes its values; the proposed number and text give it away. */
const shownNow = (step: ProposalStep): string =>
  step.preconditions.find(({ fact }) => fact === 'config.value')?.value ?? '';

function increaseFields(step: ProposalStep, policy: Policy | undefined): Field[] {
  const { action } = step;
  if (action.do !== 'resource_increase') return [];
  const cap = policy?.caps[action.target];
  const hint = `Now ${shownNow(step)}${cap === undefined ? '' : `; the policy allows up to ${cap}`}`;
  return [
    {
      kind: 'number',
      name: 'value',
      label: action.target,
      hint,
      value: String(action.value),
      required: true,
      ...(cap === undefined ? {} : { maximum: cap }),
    },
  ];
}

function editIncrease(step: ProposalStep, values: Record<string, string>, { inventory, policy }: EditContext): Edited {
  const { action } = step;
  if (action.do !== 'resource_increase') return { step };
  const value = Number(values['value'] || 'none');
  const unit = inventory.configTargets.find(({ path }) => path === action.target)?.unit;
  const now = amountIn(shownNow(step), unit);
  const cap = policy.caps[action.target];
  if (!Number.isFinite(value) || value <= 0) return { faults: { value: 'must be a number' } };
  if (cap === undefined)
    return { faults: { value: 'the policy sets no cap for this setting, so it may not be increased' } };
  if (value > cap) return { faults: { value: `must be at most ${cap}, the cap of the policy` } };
  if (now === undefined || value <= now)
    return { faults: { value: `must be more than it is now (${shownNow(step)})` } };
  const edited = { ...action, value };
  const written = writtenAs(shownNow(step), value, unit);
  return {
    step: {
      ...step,
      action: edited,
      title: increaseTitle(edited, written),
      after: step.after.replace(/^([^:\n]*): .*/, (_, key: string) => `${key}: ${written}`),
      verification: step.verification.map((check) =>
        check.fact === 'config.value' ? configVerification(action.target, written, check.withinSeconds) : check,
      ),
    },
  };
}

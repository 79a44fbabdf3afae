import { AppError } from '../../src/domain/errors.js';

/** What the JVM and Spark read: `512m`, `4g`; a bare number counts as MiB. */
const JVM_MEMORY = /^[1-9][0-9]{0,11}(b|[kmgtp]b?)?$/i;
/** A Kubernetes quantity: `2`, `500m`, `1.5`, `4Gi`. */
const QUANTITY = /^[0-9]{1,12}(\.[0-9]{1,6})?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/;

const RULES: Record<string, { allowed: (value: unknown) => boolean; is: string }> = {
  memory: { allowed: (value) => JVM_MEMORY.test(String(value)), is: 'a JVM memory string such as 512m or 4g' },
  memoryOverhead: { allowed: (value) => JVM_MEMORY.test(String(value)), is: 'a JVM memory string such as 512m or 4g' },
  memoryLimit: { allowed: (value) => QUANTITY.test(String(value)), is: 'a Kubernetes quantity such as 4Gi' },
  coreLimit: { allowed: (value) => QUANTITY.test(String(value)), is: 'a Kubernetes quantity such as 500m' },
  coreRequest: { allowed: (value) => QUANTITY.test(String(value)), is: 'a Kubernetes quantity such as 500m' },
};

/**
 * Refuses amounts that the API server takes and Spark does not: to the definition they are strings like any other (`16Gi`, `lots`),
 * and only the next start of the application would fail on them. @throws AppError `invalid_input` naming the field.
 */
export function checkSpecValues(spec: Record<string, unknown>): void {
  for (const role of ['driver', 'executor']) {
    const part = spec[role];
    if (typeof part !== 'object' || part === null) continue;
    for (const [key, value] of Object.entries(part)) {
      const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
      if (rule === undefined || value === null || (typeof value === 'string' && rule.allowed(value))) continue;
      throw new AppError('invalid_input', {
        field: `spec.${role}.${key}`,
        safeText: `${role}.${key} must be ${rule.is}; nothing was sent.`,
      });
    }
  }
}

import { AppError } from '../../src/domain/errors.js';

/** A namespace or resource name as Kubernetes allows it (RFC 1123); anything else never gets into an address or a selector. */
export function checkedName(name: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return name;
  throw new AppError('invalid_input', { safeText: 'That is not a Kubernetes name.' });
}

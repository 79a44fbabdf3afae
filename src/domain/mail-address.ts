/** As people are named: lower case. Plain ASCII only: among other letters some only look like those of a policy, or become them in lower case. */
export function normalAddress(email: string | undefined): string | undefined {
  const address = email?.trim() ?? '';
  if (address.length > 250 || !/^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(address)) return undefined;
  return address.toLowerCase();
}

import { AppError } from '../../../src/domain/errors.js';

/** Whose app it is. The address stands in Teams as website, privacy statement and terms of use. */
export interface PackageOwner {
  /** The bot's registration; a GUID. */
  appId: string;
  company: string;
  /** An https address. */
  website: string;
  /** `MAJOR.MINOR.PATCH`; Teams takes an update only with a higher one. */
  version: string;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST_OF_COMPANY = 32;
const MOST_OF_ADDRESS = 2048;

/** The manifest of this owner. @throws AppError `invalid_input` for what Teams would refuse. */
export function manifestFor(template: string, owner: PackageOwner): string {
  const { appId, company, website, version } = owner;
  demand(GUID.test(appId), '--app-id takes the application id of the bot, a GUID.');
  demand(
    company.trim() !== '' && company.length <= MOST_OF_COMPANY,
    `--company takes at most ${MOST_OF_COMPANY} characters.`,
  );
  demand(
    website.length <= MOST_OF_ADDRESS && URL.canParse(website) && new URL(website).protocol === 'https:',
    '--website takes an https address.',
  );
  demand(
    /^(0|[1-9]\d{0,4})(\.(0|[1-9]\d{0,4})){2}$/.test(version),
    '--version takes three numbers with dots, e.g. 1.0.0.',
  );
  const words: Record<string, string> = {
    APP_ID: appId.toLowerCase(),
    COMPANY: company,
    WEBSITE: website,
    VERSION: version,
  };
  // As values only: what was given can not end the text in which it stands.
  const filled: unknown = JSON.parse(template, (_, value: unknown) =>
    typeof value === 'string' ? (words[value] ?? value) : value,
  );
  return `${JSON.stringify(filled, null, 2)}\n`;
}

function demand(met: boolean, safeText: string): void {
  if (!met) throw new AppError('invalid_input', { safeText });
}

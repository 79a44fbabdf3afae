import { colorIcon, outlineIcon } from './icons.js';
import { manifestFor, type PackageOwner } from './manifest.js';
import { zipOf } from './zip.js';

/** The app package that an administrator of Teams uploads; the same owner gives the same bytes. @throws AppError `invalid_input`. */
export function appPackage(template: string, owner: PackageOwner): Buffer {
  return zipOf([
    { name: 'manifest.json', content: Buffer.from(manifestFor(template, owner)) },
    { name: 'color.png', content: colorIcon() },
    { name: 'outline.png', content: outlineIcon() },
  ]);
}

/** Prints the folders of the npm packages that the appliance needs, as the lock file says: `production-packages.ts REPOSITORY`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ColdframeError } from '#core/error.ts';
import type { Lockfile } from '../sbom/bill-of-materials.ts';

const top = process.argv[2];
if (top === undefined)
  throw new ColdframeError('invalid-input', 'usage: production-packages.ts REPOSITORY');
const { packages } = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as Lockfile;
for (const [path, { dev, optional }] of Object.entries(packages)) {
  // A folder that holds other packages comes along whole.
  if (dev === true || path.lastIndexOf('node_modules/') !== 0) continue;
  if (existsSync(join(top, path))) process.stdout.write(`${path}\n`);
  else if (optional !== true)
    throw new ColdframeError('not-found', `${path} is not installed. Run: npm run setup`);
}

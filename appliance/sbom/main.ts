/**
 * Writes the bill of materials: `main.ts DPKG.tsv PROGRAM-FOLDER OUT.json`. Debian packages
 * come from dpkg-query (name, version, architecture; tab-separated), npm packages from
 * the lock file, as far as they are installed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ColdframeError } from '#core/error.ts';
import { billOfMaterials, type Lockfile } from './bill-of-materials.ts';

const [dpkgPath, program, out] = process.argv.slice(2);
if (dpkgPath === undefined || program === undefined || out === undefined)
  throw new ColdframeError('invalid-input', 'usage: main.ts DPKG.tsv PROGRAM-FOLDER OUT.json');

const lockfile = JSON.parse(await readFile(join(program, 'package-lock.json'), 'utf8')) as Lockfile;
const bill = billOfMaterials(await readFile(dpkgPath, 'utf8'), lockfile);
await writeFile(out, `${JSON.stringify(bill, undefined, 1)}\n`);

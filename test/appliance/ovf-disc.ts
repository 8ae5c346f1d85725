import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { escapeXml } from '#ovf/xml.ts';

const run = promisify(execFile);

/** An ISO image as the OVF specification's transport "iso" prescribes it. */
export async function makeOvfDisc(
  folder: string,
  properties: Readonly<Record<string, string>>,
  mac: string,
): Promise<string> {
  const source = join(folder, 'ovf-env');
  await mkdir(source, { recursive: true });
  const list = Object.entries(properties)
    .map(([key, value]) => `<Property oe:key="${key}" oe:value="${escapeXml(value)}"/>`)
    .join('\n    ');
  await writeFile(
    join(source, 'ovf-env.xml'),
    `<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"
    xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"
    xmlns:ve="http://www.vmware.com/schema/ovfenv" oe:id="">
  <PropertySection>
    ${list}
  </PropertySection>
  <ve:EthernetAdapterSection><ve:Adapter ve:mac="${mac}" ve:network="Management" ve:unitNumber="7"/></ve:EthernetAdapterSection>
</Environment>
`,
  );
  const iso = join(folder, 'ovf-env.iso');
  await run('genisoimage', ['-quiet', '-V', 'OVF ENV', '-r', '-J', '-o', iso, source]);
  return iso;
}

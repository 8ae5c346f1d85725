import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Secret } from '#core/secret.ts';
import { govcAt } from '#test/peers/govc.ts';
import { startVcsim } from '#test/peers/vcsim.ts';
import { seededRandom } from '#test/support/random.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../../ova-build.sh');

interface ImportSpec {
  readonly NetworkMapping: readonly { readonly Name: string; readonly Network: string }[];
  readonly PropertyMapping: readonly { readonly Key: string; readonly Value: string }[];
}

interface VmInfo {
  readonly virtualMachines: readonly {
    readonly config: {
      readonly version: string;
      readonly hardware: {
        readonly numCPU: number;
        readonly memoryMB: number;
      };
      readonly vAppConfig?: {
        readonly property?: readonly {
          readonly id: string;
          readonly value?: string;
          readonly defaultValue?: string;
        }[];
      };
    };
  }[];
}

test('govc imports the OVA with its properties, and finds in the VM what the descriptor says', async () => {
  await using dir = await temporaryFolder();
  // COLDFRAME_OVA: the real one, as test/appliance makes it; else one with the same descriptor and small disks.
  const ova = process.env['COLDFRAME_OVA'] ?? (await smallOva(dir.path));
  await using vcsim = await startVcsim();
  const govc = govcAt({ address: vcsim.address, user: 'user', password: new Secret('pass') });

  const spec = JSON.parse(await govc('import.spec', ova)) as ImportSpec;
  assert.equal(spec.NetworkMapping[0]?.Name, 'Management');
  const keys = spec.PropertyMapping.map(({ Key }) => Key);
  for (const key of ['hostname', 'ip0', 'admin_password_hash', 'nfs_target', 'endpoint'])
    assert.ok(keys.includes(key), key);
  const values: Readonly<Record<string, string>> = {
    hostname: 'bkp1.example',
    ip0: '192.0.2.10/24',
    nfs_target: 'nas.example:/backup',
  };
  const options = join(dir.path, 'options.json');
  const filled = {
    ...spec,
    Name: 'backup',
    DiskProvisioning: 'thin',
    NetworkMapping: [{ Name: 'Management', Network: 'VM Network' }],
    PropertyMapping: spec.PropertyMapping.map(({ Key, Value }) => ({
      Key,
      Value: values[Key] ?? Value,
    })),
  };
  await writeFile(options, JSON.stringify(filled));
  await govc(
    'import.ova',
    '-pool=/DC0/host/DC0_C0/Resources',
    '-ds=LocalDS_0',
    `-options=${options}`,
    ova,
  );

  const info = JSON.parse(await govc('vm.info', '-json', 'backup')) as VmInfo;
  const [vm] = info.virtualMachines;
  assert.equal(vm?.config.hardware.numCPU, 4);
  assert.equal(vm?.config.hardware.memoryMB, 8192);
  assert.equal(vm?.config.version, 'vmx-14');
  // name, type, label
  const devices = (await govc('device.ls', '-vm', 'backup'))
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/));
  const named = (pattern: RegExp) =>
    devices.map(([name = '']) => name).filter((name) => pattern.test(name));
  const controllers = named(/^pvscsi-/);
  assert.equal(controllers.length, 4);
  assert.deepEqual(named(/^disk-/), [
    `disk-${number(controllers[0])}-0`,
    `disk-${number(controllers[0])}-1`,
  ]);
  const network = devices.filter(([name]) => name?.startsWith('ethernet-'));
  assert.deepEqual(
    network.map(([, type]) => type),
    ['VirtualVmxnet3'],
  );
  const properties = new Map(
    (vm?.config.vAppConfig?.property ?? []).map(({ id, value, defaultValue }) => [
      id,
      value ?? defaultValue,
    ]),
  );
  for (const [key, value] of Object.entries(values)) assert.equal(properties.get(key), value, key);
});

async function smallOva(folder: string): Promise<string> {
  const [image, ova] = [join(folder, 'image.raw'), join(folder, 'small.ova')];
  {
    await using raw = await open(image, 'w');
    await raw.truncate(48 * 2 ** 20);
    const data = Buffer.alloc(200_000);
    seededRandom(3).fill(data);
    await raw.write(data, 0, data.length, 2 ** 20);
  }
  await run(script, [image, '9.8.7', ova, '--data-gib', '1', '--level', '1']);
  assert.ok((await stat(ova)).size > 100_000);
  return ova;
}

function number(device: string | undefined): string {
  return device?.split('-')[1] ?? '';
}

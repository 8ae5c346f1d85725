import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { seededRandom } from '#test/support/random.ts';
import { deploy, ovaFile } from './deploy.ts';
import { Machine } from './machine.ts';
import { askPage } from './page.ts';
import { plugIn, pullOut } from './scsi-disk.ts';
import { SerialConsole } from './serial-console.ts';
import { until } from './until.ts';

const run = promisify(execFile);
/** Four times what an idle machine of two cores needs. */
const bootLimitMs = 6 * 60_000;
const password = 'correct horse "battery" <staple>';

describe('the OVA, deployed and booted', { timeout: 45 * 60_000 }, () => {
  let folder = '';
  let sshKey = '';
  let iso = '';
  /** As imported, never written to. */
  let imported: readonly string[] = [];
  let machine: Machine | undefined;
  const vm = (): Machine => machine ?? assert.fail('no machine is running');
  const disk = (name: string) => join(folder, `${name}.qcow2`);

  async function boot(
    name: string,
    disks: readonly string[],
    disc?: string,
  ): Promise<readonly string[]> {
    const started = performance.now();
    machine = await Machine.start({
      folder,
      name,
      disks,
      sshKey,
      ...(disc === undefined ? {} : { iso: disc }),
    });
    const failed = await vm().booted(bootLimitMs);
    console.log(`# ${name}: up after ${Math.round((performance.now() - started) / 1000)} s`);
    for (const unit of failed)
      console.log(`# ${unit}:\n${await vm().shell(`journalctl -b -n 30 -o cat -u ${unit}`)}`);
    return failed;
  }

  /** The kernel names disks in the order in which it happens to find them. */
  async function nameOf(role: string): Promise<string> {
    const list = await vm().shell(
      'for d in /sys/block/sd*; do echo "${d##*/} $(/usr/lib/coldframe/disk-role ${d##*/})"; done',
    );
    const names = list
      .split('\n')
      .flatMap((line) => (line.endsWith(` ${role}`) ? [line.split(' ')[0] ?? ''] : []));
    assert.equal(names.length, 1, list);
    return names[0] ?? '';
  }

  async function shutDown(): Promise<void> {
    await vm().powerOff(180_000);
    await vm()[Symbol.asyncDispose]();
    machine = undefined;
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coldframe-appliance-'));
    ({ imported, sshKey, iso } = await deploy(folder, {
      hostname: 'bkp1.example',
      ip0: '10.0.2.15/24',
      gateway: '10.0.2.2',
      dns: '10.0.2.3',
      ntp: 'ntp.example',
      admin_password: password,
      endpoint: 'vcenter.example',
      nfs_target: '10.0.2.2:/export',
    }));
    for (const [index, name] of ['system', 'data'].entries())
      await copyFile(imported[index]!, disk(name));
    assert.deepEqual(await boot('first', [disk('system'), disk('data')], iso), []);
    const used = await vm().shell("free --mebi | awk '/^Mem/ {print $3}'");
    const root = await vm().shell('df --output=used -BM / | tail -n 1');
    console.log(`# memory in use at rest: ${used} MiB; root file system: ${root.trim()}`);
    console.log(`# OVA: ${(await stat(ovaFile())).size} bytes`);
  });
  after(async () => {
    await machine?.[Symbol.asyncDispose]();
    if (folder !== '') await rm(folder, { recursive: true });
  });

  test('the properties are in force', async () => {
    assert.equal(await vm().shell('cat /proc/sys/kernel/hostname'), 'bkp1.example');
    assert.match(await vm().shell('ip -4 -o addr show scope global'), /inet 10\.0\.2\.15\/24 /);
    assert.doesNotMatch(await vm().shell('ip -4 -o addr show scope global'), /dynamic/);
    assert.match(await vm().shell('ip route'), /^default via 10\.0\.2\.2 .* proto static/m);
    assert.match(await vm().shell('resolvectl dns'), /10\.0\.2\.3/);
    assert.match(await vm().shell('timedatectl show-timesync'), /^SystemNTPServers=ntp\.example$/m);
  });

  test('the page is reachable with the appliance’s certificate, and takes the password given', async () => {
    const port = vm().pagePort;
    const page = await askPage({ port, path: '/login' });
    assert.equal(page.status, 200);
    const fingerprint = await vm().shell(
      'sudo openssl x509 -noout -fingerprint -sha256 -in /var/lib/coldframe/tls/server.crt',
    );
    assert.equal(fingerprint.split('=')[1], page.fingerprint);
    const text = await vm().shell(
      'sudo openssl x509 -noout -ext subjectAltName -in /var/lib/coldframe/tls/server.crt',
    );
    assert.match(text, /DNS:bkp1\.example/);
    assert.match(text, /IP Address:10\.0\.2\.15/);

    const wrong = await askPage({ port, path: '/login', form: { password: 'wrong horse' } });
    assert.deepEqual(wrong.cookies, []);
    const right = await askPage({ port, path: '/login', form: { password } });
    assert.equal(right.status, 303, right.body);
    assert.equal(right.cookies.length, 1);
  });

  test('the password is nowhere in clear text', async () => {
    // Endpoint and NFS target stay for the wizard; the hash has gone into the catalog.
    assert.deepEqual(JSON.parse(await vm().shell('sudo cat /var/lib/coldframe/first-boot.json')), {
      version: 1,
      endpoint: 'vcenter.example',
      nfs: { target: '10.0.2.2:/export', options: 'vers=4.1,hard,proto=tcp' },
    });
    const places = '/etc /var/lib/coldframe /var/log /run/log';
    assert.equal(await vm().shell(`sudo grep -rl '[c]orrect horse' ${places} || true`), '');
    assert.equal(
      await vm().shell(`sudo journalctl -b -o cat | grep '[c]orrect horse' || true`),
      '',
    );
  });

  test('the data disk is made, mounted and owned by the service', async () => {
    const mount = await vm().shell('findmnt -no SOURCE,FSTYPE,OPTIONS /var/lib/coldframe');
    assert.match(
      mount,
      new RegExp(`^/dev/${await nameOf('data')}\\s+ext4\\s+rw,nosuid,nodev,noatime`),
    );
    assert.equal(
      await vm().shell('stat -c %U:%G:%a /var/lib/coldframe'),
      'coldframe:coldframe:750',
    );
  });

  test('only SSH and HTTPS are let in, and nothing of Debian’s listens', async () => {
    const rules = await vm().shell('sudo nft list chain inet filter input');
    assert.match(rules, /policy drop/);
    assert.deepEqual(rules.match(/tcp dport \d+ accept/g), [
      'tcp dport 443 accept',
      'tcp dport 22 accept',
    ]);
    const open = (await vm().shell("sudo ss -Hltn | awk '{print $4}'"))
      .split('\n')
      .filter((address) => !/^(127\.|\[::1\])/.test(address));
    const ports = new Set(open.map((address) => Number(address.split(':').at(-1))));
    assert.deepEqual(
      [...ports].sort((a, b) => a - b),
      [22, 443],
    );
  });

  test('root has no password, the service runs under its own user', async () => {
    assert.equal(await vm().shell("sudo passwd --status root | cut -d' ' -f2"), 'L');
    assert.equal(await vm().shell('id -u coldframe'), '900');
    assert.equal(
      await vm().shell('systemctl show --property=User --value coldframe.service'),
      'coldframe',
    );
  });

  test('a hot-added disk is the service’s to read, and nobody looks at its contents', async () => {
    const raw = join(folder, 'guest.raw');
    const bytes = Buffer.alloc(8 * 2 ** 20);
    seededRandom(11).fill(bytes.subarray(2 ** 20));
    {
      await using file = await open(raw, 'w');
      await file.truncate(bytes.length);
    }
    // A guest's disk that claims to be our own root and data disk.
    const rootUuid = await vm().shell('findmnt -no UUID /');
    await run('mke2fs', ['-q', '-t', 'ext4', '-U', rootUuid, '-L', 'coldframe-data', raw]);
    const digest = createHash('sha256')
      .update(await readFile(raw))
      .digest('hex');

    const hot = { id: 'guest1', raw, readOnly: false, bus: 1, unit: 3 };
    await plugIn(vm().qmp, hot);
    const guest = await until('the disk in the guest', 60_000, () => nameOf('guest'));
    await vm().shell('sudo udevadm settle');
    const [system, data] = [await nameOf('system'), await nameOf('data')];
    assert.equal(await vm().shell(`stat -c %G:%a /dev/${guest}`), 'coldframe:660');
    assert.equal(await vm().shell(`stat -c %G:%a /dev/${system}`), 'disk:660');
    const link = (kind: string) => vm().shell(`readlink -f /dev/disk/${kind}`);
    assert.equal(await link(`by-uuid/${rootUuid}`), `/dev/${system}3`);
    assert.equal(await link('by-label/coldframe-data'), `/dev/${data}`);
    assert.doesNotMatch(await vm().shell(`udevadm info /dev/${guest}`), /ID_FS_/);

    const read = `sudo -u coldframe sha256sum /dev/${guest} | cut -d" " -f1`;
    assert.equal(await vm().shell(read, 120_000), digest);
    await assert.rejects(
      vm().shell(`sudo -u coldframe head -c 1 /dev/${system}`),
      /Permission denied/,
    );

    // In the service's own view of the file system: let go of the disk, and find it again by a rescan.
    const asService = (command: string) =>
      vm().shell(
        `sudo nsenter --mount --target $(systemctl show -p MainPID --value coldframe.service) setpriv --reuid=900 --regid=900 --clear-groups sh -c '${command}'`,
      );
    const host = await vm().shell(
      `readlink -f /sys/block/${guest}/device | sed 's|.*/\\(host[0-9]*\\)/.*|\\1|'`,
    );
    await asService(`echo 1 > /sys/block/${guest}/device/delete`);
    await assert.rejects(
      asService(`echo 1 > /sys/block/${data}/device/delete`),
      /Permission denied/,
    );
    assert.equal(await vm().shell(`ls /dev/${guest} 2>/dev/null || echo gone`), 'gone');
    await asService(`echo "- - -" > /sys/class/scsi_host/${host}/scan`);
    assert.equal(await until('the disk found again', 60_000, () => nameOf('guest')), guest);
    await assert.rejects(
      asService('echo x > /etc/hostname'),
      /Read-only file system|Permission denied/,
    );

    await pullOut(vm().qmp, hot.id);
    await until('the disk gone from the guest', 60_000, async () =>
      (await vm().shell(`ls /dev/${guest} 2>/dev/null || echo gone`)) === 'gone' ? true : undefined,
    );
  });

  test('the console on the serial line shows the state, and lets an administrator in', async () => {
    await using console_ = await SerialConsole.open(vm().serialLine);
    const { fingerprint } = await askPage({ port: vm().pagePort, path: '/login' });
    const status = await console_.shows(/ ok {2}service {14}active/);
    assert.match(status, /^ coldframe \d+\.\d+\.\d+ {3}bkp1\.example$/m);
    assert.match(status, /^ {3}https:\/\/10\.0\.2\.15\/$/m);
    assert.equal(status.match(/\b[0-9A-F]{2}(?::[0-9A-F]{2}){15}\b/g)?.join(':'), fingerprint);
    assert.match(status, / BAD {2}time .*no time server/, 'nobody tells this machine the time');

    console_.type('l');
    await console_.shows(/User: admin/);
    console_.type('\rwrong horse\r');
    await console_.shows(/not an administrator's name and password/);
    console_.type(' ');
    await console_.shows(/Admin page/);
    console_.type('l');
    await console_.shows(/User: admin/);
    console_.type(`\r${password}\r`);
    await console_.shows(/logged in/);
    assert.ok(!console_.everSaid(password));

    console_.type('2');
    await console_.shows(/Time servers, empty/);
    console_.type('ntp2.example\r');
    await console_.shows(/The time servers are set/);
    const servers = await vm().shell('timedatectl show-timesync');
    assert.match(servers, /^SystemNTPServers=ntp2\.example$/m);
    console_.type('2not valid!\r');
    await console_.shows(/Not done\. Nothing was changed: ntp: each must be a host name/);
    console_.type('7');
    const [, bundle = ''] =
      /Written: (\S+)/.exec(await console_.shows(/Written: \S+\.tar\.gz/)) ?? [];
    const inside = await vm().shell(`tar -tzf ${bundle}`);
    assert.match(inside, /support\/journal\.txt/);
    const secrets = await vm().shell(`tar -xzOf ${bundle} | grep -c '[c]orrect horse' || true`);
    assert.equal(secrets, '0');
    console_.type('q');
    await console_.shows(/Admin page/);
    assert.equal(await vm().shell('systemctl is-active coldframe-console@tty1.service'), 'active');
  });

  test('a restart without the disc changes nothing', async () => {
    const fingerprint = await certificateDigest();
    await shutDown();
    assert.deepEqual(await boot('second', [disk('system'), disk('data')]), []);
    assert.equal(await vm().shell('cat /proc/sys/kernel/hostname'), 'bkp1.example');
    assert.match(await vm().shell('ip -4 -o addr show scope global'), /inet 10\.0\.2\.15\/24 /);
    assert.equal(await certificateDigest(), fingerprint);
    const log = await vm().shell('journalctl -b -o cat -u coldframe-firstboot.service');
    assert.match(log, /No properties: all stays\./);
    assert.match(log, /Nothing has changed\./);
  });

  test('a newer OVA with the old data disk finds everything there', async () => {
    const fingerprint = await certificateDigest();
    await vm().shell('sudo -u coldframe sh -c "echo kept > /var/lib/coldframe/marker && sync"');
    // The plug is pulled: the file system has to be repaired, too.
    await vm()[Symbol.asyncDispose]();
    machine = undefined;
    await copyFile(imported[0]!, disk('newer'));
    await copyFile(imported[1]!, disk('empty'));
    // The new OVA's own data disk is still attached and blank; the labelled one wins.
    const disks = [disk('newer'), disk('empty'), disk('data')];
    assert.deepEqual(await boot('redeployed', disks, iso), []);
    const mounted = await vm().shell('findmnt -no SOURCE /var/lib/coldframe');
    assert.equal(await vm().shell(`sudo blkid -p -o value -s LABEL ${mounted}`), 'coldframe-data');
    assert.equal(await vm().shell('sudo cat /var/lib/coldframe/marker'), 'kept');
    assert.equal(await certificateDigest(), fingerprint);
    // Nothing was written to the blank one; unit 1 is its place.
    const blank = await vm().shell('basename /sys/class/scsi_device/*:0:1:0/device/block/*');
    assert.notEqual(`/dev/${blank}`, mounted);
    assert.equal(await vm().shell(`sudo blkid --probe /dev/${blank}; echo $?`), '2');
  });

  test('without any data disk it boots, says so, and the service stays down', async () => {
    await shutDown();
    await copyFile(imported[0]!, disk('alone'));
    assert.deepEqual(await boot('alone', [disk('alone')], iso), ['coldframe-data.service']);
    assert.match(
      await vm().shell('journalctl -b -o cat -u coldframe-data.service'),
      /there is none\. Attach the appliance's data disk/,
    );
    assert.equal(await vm().shell('systemctl is-active coldframe.service || true'), 'inactive');
    assert.deepEqual(await vm().shell('sudo ls -A /var/lib/coldframe'), '');
  });

  function certificateDigest(): Promise<string> {
    return vm().shell('sudo sha256sum /var/lib/coldframe/tls/server.crt | cut -d" " -f1');
  }
});

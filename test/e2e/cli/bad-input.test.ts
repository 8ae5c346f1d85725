import assert from 'node:assert/strict';
import {
  mkdir,
  mkdtempDisposable,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { RunView } from '#core/api.ts';
import { exitCodes } from '#cli/exit-codes.ts';
import { coldframe, command, type CommandResult } from '#test/demo/command-line.ts';
import { setStage, standInDir, type Stage } from '#test/demo/stage.ts';
import { remoteControl } from '#test/lab/control/remote-control.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';

/**
 * Mistakes that people make, at the command line of a real service against the lab: one clear
 * sentence that says what to do, the documented exit code, and nothing changed.
 */
const resources = new AsyncDisposableStack();
let stage: Stage;
let restorePoint = '';

before(async () => {
  const dir = resources.use(await mkdtempDisposable(join(tmpdir(), 'coldframe-bad-')));
  stage = resources.use(
    await setStage({ dir: dir.path, lab: { scenario: demoScenario(smallSizes) } }),
  );
  const { address, user, password, thumbprintSha256 } = stage.lab;
  const login = ['--address', address, '--user', user, '--thumbprint', thumbprintSha256];
  await coldframe(stage, ['endpoint', 'add', 'lab', ...login, '--password-file', '-'], password);
  await coldframe(stage, ['repository', 'add', 'main', stage.repositoryDir]);
  await coldframe(stage, ['vddk', 'install', standInDir]);
  const view = await coldframe<RunView>(stage, ['backup', 'run', 'demo-app']);
  restorePoint = String(view.tasks[0]?.result?.['restorePointId']);
});
after(() => resources.disposeAsync());

interface Refusal {
  readonly code: number;
  readonly says: RegExp;
  readonly input?: string;
}

/** Runs it, and holds the catalog, the lab and the repository to what they were. */
async function assertRefused(args: readonly string[], wanted: Refusal): Promise<CommandResult> {
  const earlier = await world();
  const result = await command([...args, '--data-dir', stage.dataDir], wanted.input);
  const shown = `${result.stdout}${result.stderr}`;
  assert.equal(result.code, wanted.code, shown);
  assert.match(result.stderr, wanted.says);
  assert.doesNotMatch(shown, /\n\s+at |undefined|\[object/, 'no stack, no leftovers of code');
  assert.ok(!shown.includes(stage.lab.password), 'no password');
  assert.deepEqual(await world(), earlier, 'nothing changed');
  return result;
}

async function world(): Promise<unknown> {
  const lab = remoteControl(stage.lab.controlUrl);
  const { vms, attachments, violations } = await lab.state();
  return {
    vms: vms.map(({ name, power, snapshots, consolidationNeeded, disks }) => ({
      name,
      power,
      snapshots,
      consolidationNeeded,
      disks: disks.length,
    })),
    attachments,
    violations,
    endpoints: await coldframe(stage, ['endpoint', 'list']),
    repositories: (await coldframe<{ id: string }[]>(stage, ['repository', 'list'])).map(
      ({ id }) => id,
    ),
    points: (await coldframe<{ header: { id: string } }[]>(stage, ['restore-point', 'list'])).map(
      ({ header }) => header.id,
    ),
    files: (await readdir(stage.repositoryDir, { recursive: true }))
      .filter((name) => !name.endsWith('.lock'))
      .toSorted(),
  };
}

test('a wrong password', async () => {
  const { address, user, thumbprintSha256 } = stage.lab;
  await assertRefused(
    [
      'endpoint',
      'add',
      'second',
      '--address',
      address,
      '--user',
      user,
      '--thumbprint',
      thumbprintSha256,
      '--password-file',
      '-',
    ],
    { code: exitCodes.refused, says: /password/i, input: 'wrong\n' },
  );
});

test('a wrong thumbprint', async () => {
  const { address, user, password } = stage.lab;
  const other = Array.from({ length: 32 }, () => 'AB').join(':');
  await assertRefused(
    [
      'endpoint',
      'add',
      'second',
      '--address',
      address,
      '--user',
      user,
      '--thumbprint',
      other,
      '--password-file',
      '-',
    ],
    { code: exitCodes.refused, says: /certificate|thumbprint/i, input: password },
  );
});

test('a server that is not there', async () => {
  const { user, password, thumbprintSha256 } = stage.lab;
  await assertRefused(
    [
      'endpoint',
      'add',
      'second',
      '--address',
      '127.0.0.1:9',
      '--user',
      user,
      '--thumbprint',
      thumbprintSha256,
      '--password-file',
      '-',
    ],
    { code: exitCodes.unreachable, says: /127\.0\.0\.1:9/, input: password },
  );
});

test('a VM, a restore point and a command that do not exist', async () => {
  await assertRefused(['backup', 'run', 'no-such-vm'], {
    code: exitCodes.notFound,
    says: /no-such-vm/,
  });
  await assertRefused(['restore', 'nosuchpoint', '--new-name', 'x'], {
    code: exitCodes.notFound,
    says: /nosuchpoint/,
  });
  await assertRefused(['back-up'], { code: exitCodes.usage, says: /--help/ });
});

test('a restore that does not say where to, and one over a running VM', async () => {
  await assertRefused(['restore', restorePoint], {
    code: exitCodes.usage,
    says: /--new-name|--in-place/,
  });
  await assertRefused(['restore', restorePoint, '--in-place', '--yes'], {
    code: exitCodes.failed,
    says: /power/i,
  });
});

test('a repository folder that is missing, is a file, holds other things', async () => {
  const file = join(stage.dir, 'a-file');
  await writeFile(file, 'x');
  const full = join(stage.dir, 'other-things');
  await mkdir(full);
  await writeFile(join(full, 'holiday.jpg'), 'x');
  for (const folder of [join(stage.dir, 'missing'), file, full, 'relative/path']) {
    const result = await command([
      'repository',
      'add',
      'second',
      folder,
      '--data-dir',
      stage.dataDir,
    ]);
    if (folder === 'relative/path') continue; // resolved against the caller's folder, which has no such path
    assert.notEqual(result.code, 0, folder);
    assert.ok(result.stderr.includes(folder), result.stderr);
  }
  assert.deepEqual(await readdir(full), ['holiday.jpg']);
  assert.equal((await coldframe<unknown[]>(stage, ['repository', 'list'])).length, 1);
});

test('a repository whose marker is gone, as when a share is not mounted', async () => {
  const marker = join(stage.repositoryDir, '.coldframe-repository.json');
  await rename(marker, `${marker}.away`);
  try {
    const result = await command(['backup', 'run', 'demo-app', '--data-dir', stage.dataDir]);
    assert.notEqual(result.code, 0);
    assert.match(result.stderr + result.stdout, /mounted|marker/);
    const { vms } = await remoteControl(stage.lab.controlUrl).state();
    assert.ok(
      vms.every(({ snapshots }) => snapshots.length === 0),
      'no snapshot was taken',
    );
  } finally {
    await rename(`${marker}.away`, marker);
  }
});

test('archive files that are cut short, changed, or none at all', async () => {
  const [folder = ''] = (await readdir(stage.repositoryDir)).filter((name) =>
    name.startsWith('demo-app'),
  );
  const [name = ''] = (await readdir(join(stage.repositoryDir, folder))).filter((each) =>
    each.includes('.tar'),
  );
  const good = await readFile(join(stage.repositoryDir, folder, name));
  const scratch = join(stage.dir, 'archives');
  await mkdir(scratch);
  const flipped = Buffer.from(good);
  flipped[Math.floor(good.length / 2)]! ^= 1;
  const cases: [string, Buffer, RegExp][] = [
    [
      'short.tar.zst',
      good.subarray(0, good.length - 100),
      /cut short|incomplete|damaged|truncated|unsealed/i,
    ],
    ['flipped.tar.zst', flipped, /damaged|differs/i],
    ['none.tar.zst', Buffer.from('this is no archive'), /no archive|damaged|not a/i],
  ];
  for (const [file, bytes, says] of cases) {
    const path = join(scratch, file);
    await writeFile(path, bytes);
    const result = await command(['tool', 'verify', path]);
    assert.notEqual(result.code, 0, file);
    assert.match(result.stderr + result.stdout, says, file);
  }
  assert.equal(
    (await command(['tool', 'verify', join(stage.repositoryDir, folder, name)])).code,
    0,
  );
  await rm(scratch, { recursive: true });
});

test('no service to talk to', async () => {
  const result = await command(['vm', 'list', '--data-dir', join(stage.dir, 'nowhere')]);
  assert.equal(result.code, exitCodes.unreachable);
  assert.match(result.stderr, /service/);
});

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startLab, type Lab } from '#test/lab/lab.ts';
import { demoScenario, smallSizes } from '#test/lab/scenario.ts';
import { temporaryFolder } from '#test/support/temporary-folder.ts';

import { openPrograms, type Programs, type ServiceProcess } from './programs.ts';

export interface Bench extends AsyncDisposable {
  readonly lab: Lab;
  readonly programs: Programs;
  readonly service: ServiceProcess;
  /** An empty folder for a repository. */
  readonly repositoryRoot: string;
  /** A file that holds the lab's password. */
  readonly passwordFile: string;
  /** Words that add the lab as an endpoint. */
  readonly addEndpoint: readonly string[];
}

/** The lab and a service that sees the lab's devices. */
export async function openBench(): Promise<Bench> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const lab = stack.use(
    await startLab({ dir: join(folder.path, 'lab'), scenario: demoScenario(smallSizes) }),
  );
  const programs = stack.use(
    await openPrograms({
      sysfsRoot: lab.applianceRoot,
      workerEnv: { COLDFRAME_LAB_VDDK_MAP: lab.vddkMap },
    }),
  );
  const repositoryRoot = join(folder.path, 'repository');
  await mkdir(repositoryRoot);
  const passwordFile = join(folder.path, 'password');
  await writeFile(passwordFile, `${lab.password}\n`);
  const service = await programs.startService();
  const kept = stack.move();
  return {
    lab,
    programs,
    service,
    repositoryRoot,
    passwordFile,
    addEndpoint: endpointWords(lab, passwordFile),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function endpointWords(lab: Lab, passwordFile: string): readonly string[] {
  const where = ['--address', lab.address, '--user', lab.user];
  const trust = ['--password-file', passwordFile, '--thumbprint', lab.thumbprintSha256];
  return ['endpoint', 'add', 'lab', ...where, ...trust];
}

/** What is left behind in the lab; empty is good. */
export async function leftovers(lab: Lab): Promise<readonly string[]> {
  const { vms, attachments, violations } = await lab.state();
  return [
    ...vms.flatMap(({ name, snapshots }) => snapshots.map((s) => `snapshot ${s.name} of ${name}`)),
    ...vms.filter((vm) => vm.consolidationNeeded).map(({ name }) => `${name} to consolidate`),
    ...attachments.map(({ fileName }) => `attached ${fileName}`),
    ...violations,
  ];
}

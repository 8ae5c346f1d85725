import assert from 'node:assert/strict';
import { PageClient, type PageAnswer } from '#test/support/page-client.ts';
import { until } from './until.ts';

export interface JobForm {
  readonly name: string;
  /** Five fields, UTC. */
  readonly cron: string;
}

/** An administrator at the appliance's page. Software emulation takes its time: limits are wide. */
export class Admin {
  readonly client: PageClient;

  private constructor(client: PageClient) {
    this.client = client;
  }

  static async signedIn(port: number, password: string): Promise<Admin> {
    const admin = new Admin(new PageClient(`https://127.0.0.1:${port}`));
    const answer = await admin.client.signIn(password);
    assert.equal(answer.path, '/', answer.body);
    return admin;
  }

  /** Makes a job about every VM; returns its path. */
  async makeJob({ name, cron }: JobForm): Promise<string> {
    const { body } = await this.client.get('/jobs/new');
    const choices = [
      ...body.matchAll(/<select name="(endpoint|repository)"><option value="([^"]+)"/g),
    ];
    const answer = await this.client.post('/jobs', {
      ...Object.fromEntries(choices.map(([, field = '', value = '']) => [field, value])),
      name,
      every: 'yes',
      cron,
      timeZone: 'UTC',
      missed: 'skip',
      enabled: 'yes',
      last: '7',
      compression: 'zstd',
      onQuiesceFailure: 'crash-consistent',
      maxChainLength: '30',
      fulls: 'active',
      activeFullDays: '0',
    });
    assert.match(answer.path, /^\/jobs\/\w+$/, answer.body);
    return answer.path;
  }

  /** Paths of all runs, oldest first. */
  async runs(): Promise<readonly string[]> {
    const { body } = await this.client.get('/runs');
    return [...body.matchAll(/href="(\/runs\/\w+)"/g)].map(([, path = '']) => path).reverse();
  }

  /** The page of a run that has ended. */
  async ended(path: string): Promise<PageAnswer> {
    return until(`the end of ${path}`, 8 * 60_000, async () => {
      const page = await this.client.get(path);
      return page.body.includes('data-live') ? undefined : page;
    });
  }

  /** The page of the run number `index` (from 0) once it has ended; scheduled ones come by themselves. */
  async endedRun(index: number): Promise<PageAnswer> {
    const path = await until(
      `run ${index + 1}`,
      4 * 60_000,
      async () => (await this.runs())[index],
    );
    return this.ended(path);
  }

  /** Plans and orders a restore to a new VM; returns the page of the run that did it. */
  async restoreToNewVm(point: string, name: string): Promise<PageAnswer> {
    const fields = { target: 'new-vm', name, readBack: 'full' };
    const plan = await this.client.post(`${point}/plan`, fields);
    assert.match(plan.body, /Nothing has been changed yet/);
    const hidden = [...plan.body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const order = Object.fromEntries(hidden.map(([, field = '', value = '']) => [field, value]));
    return this.ended((await this.client.post(`${point}/restore`, order)).path);
  }
}

/** Path of the restore point that a backup's page leads to. */
export function pointOf(page: PageAnswer): string {
  const [, path = ''] = /href="(\/restore-points\/[^"]+)"/.exec(page.body) ?? [];
  assert.notEqual(path, '', page.body);
  return path;
}

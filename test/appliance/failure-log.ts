import type { SuiteContext, TestContext } from 'node:test';
import type { ProvingGround } from './proving-ground.ts';

/** What the service said, below the test that failed. */
export async function showLogOfFailure(
  context: TestContext | SuiteContext,
  ground: ProvingGround,
): Promise<void> {
  if (!('passed' in context) || context.passed) return;
  const log = await ground.vm.shell('sudo journalctl -b -n 60 -o cat -u coldframe.service');
  console.log(log.replaceAll(/^/gm, '# '));
}

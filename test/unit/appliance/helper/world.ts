import { ColdframeError } from '#core/error.ts';
import type { HelperWorld } from '#appliance/helper/world.ts';

export interface TestWorld extends HelperWorld {
  /** Every command, its words joined. */
  readonly commands: string[];
  /** What the next commands that begin so say; an Error is a failure. */
  readonly answers: Map<string, string | Error>;
  nowMs: number;
}

export function testWorld(root: string): TestWorld {
  const commands: string[] = [];
  const answers: TestWorld['answers'] = new Map();
  const world: TestWorld = {
    root,
    commands,
    answers,
    nowMs: 1_000_000,
    clock: { now: () => world.nowMs },
    run: async (command) => {
      const line = command.join(' ');
      commands.push(line);
      const [, said = ''] = [...answers].find(([start]) => line.startsWith(start)) ?? [];
      if (said instanceof Error) throw new ColdframeError('io', said.message);
      return said;
    },
  };
  return world;
}

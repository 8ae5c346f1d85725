import { open } from 'node:fs/promises';

import { ColdframeError } from '#core/error.ts';

/** Writes `path`, which must not exist, for its owner alone (0600), and makes it durable. Errors: 'invalid-input'. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    await using handle = await open(path, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
  } catch (cause) {
    throw new ColdframeError(
      'invalid-input',
      `${path} cannot be made. Choose a name that is free, in a folder that you may write.`,
      { cause },
    );
  }
}

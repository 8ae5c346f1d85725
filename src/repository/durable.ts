import { open } from 'node:fs/promises';

/** Makes names that were added to or removed from a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function syncFileData(filePath: string): Promise<void> {
  const handle = await open(filePath, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

import type { Command } from './command.ts';
import { backupCommands } from './commands/backup.ts';
import { endpointCommands } from './commands/endpoint.ts';
import { journalCommands } from './commands/journal.ts';
import { repositoryCommands } from './commands/repository.ts';
import { restorePointCommands } from './commands/restore-point.ts';
import { restoreCommand } from './commands/restore.ts';
import { runCommands } from './commands/run.ts';
import { serviceCommands } from './commands/service.ts';
import { vddkCommands } from './commands/vddk.ts';
import { verifyCommand } from './commands/verify.ts';
import { versionCommand } from './commands/version.ts';
import { vmCommands } from './commands/vm.ts';
import { toolCommands } from './tool/tool-commands.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...endpointCommands,
  ...vmCommands,
  ...repositoryCommands,
  ...vddkCommands,
  ...backupCommands,
  ...runCommands,
  ...restorePointCommands,
  restoreCommand,
  verifyCommand,
  ...journalCommands,
  ...toolCommands,
  ...serviceCommands,
  versionCommand,
];

import type { Command } from './command.ts';
import { alarmCommands } from './commands/alarm.ts';
import { auditCommands } from './commands/audit.ts';
import { backupCommands } from './commands/backup.ts';
import { configCommands } from './commands/config.ts';
import { endpointCommands } from './commands/endpoint.ts';
import { filesCommands } from './commands/files.ts';
import { jobCommands } from './commands/job.ts';
import { journalCommands } from './commands/journal.ts';
import { keyCommands } from './commands/key.ts';
import { repositoryEncryptionCommands } from './commands/repository-encryption.ts';
import { repositoryProtectionCommand } from './commands/repository-protection.ts';
import { repositoryCommands } from './commands/repository.ts';
import { restorePointCareCommands } from './commands/restore-point-care.ts';
import { restorePointCommands } from './commands/restore-point.ts';
import { restoreCommand } from './commands/restore.ts';
import { retentionCommand } from './commands/retention.ts';
import { runCommands } from './commands/run.ts';
import { serviceCommands } from './commands/service.ts';
import { supportCommands } from './commands/support.ts';
import { tokenCommands } from './commands/token.ts';
import { userCommands } from './commands/user.ts';
import { strayCommands } from './commands/stray.ts';
import { vddkCommands } from './commands/vddk.ts';
import { signingKeyCommand } from './commands/signing-key.ts';
import { verifyRepositoryCommands } from './commands/verify-repository.ts';
import { verifyCommand } from './commands/verify.ts';
import { versionCommand } from './commands/version.ts';
import { vmCommands } from './commands/vm.ts';
import { exportCommand, toolExportCommand } from './tool/export-commands.ts';
import { nbdCommand, toolNbdCommand } from './tool/nbd-commands.ts';
import { newKeyCommand } from './tool/new-key.ts';
import { toolCommands } from './tool/tool-commands.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  ...endpointCommands,
  ...vmCommands,
  ...repositoryCommands,
  ...verifyRepositoryCommands,
  ...repositoryEncryptionCommands,
  repositoryProtectionCommand,
  ...keyCommands,
  ...vddkCommands,
  ...backupCommands,
  ...jobCommands,
  retentionCommand,
  ...runCommands,
  ...restorePointCommands,
  ...restorePointCareCommands,
  restoreCommand,
  verifyCommand,
  signingKeyCommand,
  ...filesCommands,
  exportCommand,
  nbdCommand,
  ...journalCommands,
  ...strayCommands,
  ...alarmCommands,
  ...userCommands,
  ...tokenCommands,
  ...auditCommands,
  ...supportCommands,
  ...toolCommands,
  newKeyCommand,
  toolExportCommand,
  toolNbdCommand,
  ...configCommands,
  ...serviceCommands,
  versionCommand,
];

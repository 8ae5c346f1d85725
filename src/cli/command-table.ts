import type { Command } from './command.ts';
import { serviceCommands } from './commands/service.ts';
import { versionCommand } from './commands/version.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [...serviceCommands, versionCommand];

import { rolePrivileges, systemPrivileges, type PrivilegePurpose } from './privileges.ts';

export interface RoleLines {
  readonly name: string;
  readonly privileges: readonly string[];
  /** For a POSIX shell with GOVC_URL and the like set. */
  readonly govc: readonly string[];
  readonly powerCli: readonly string[];
}

/** The smallest role for these purposes, as commands that make it and give it to an account. */
export function roleLines(options: {
  readonly name: string;
  readonly principal: string;
  readonly purposes: readonly PrivilegePurpose[];
}): RoleLines {
  const { name, principal } = options;
  const privileges = rolePrivileges(options.purposes);
  const all = [...systemPrivileges, ...privileges];
  return {
    name,
    privileges: all,
    govc: [
      `govc role.create ${shellQuoted(name)} ${all.join(' ')}`,
      `govc permissions.set -principal ${shellQuoted(principal)} -role ${shellQuoted(name)} -propagate=true /`,
    ],
    powerCli: [
      `New-VIRole -Name ${powerQuoted(name)} -Privilege (Get-VIPrivilege -Id @(${all.map(powerQuoted).join(', ')}))`,
      `New-VIPermission -Entity (Get-Folder -NoRecursion) -Principal ${powerQuoted(principal)} -Role ${powerQuoted(name)} -Propagate $true`,
    ],
  };
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function powerQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

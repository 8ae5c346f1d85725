import type { VmRule, VmSelection } from './job.ts';
import { isInPlace } from './vm-places.ts';
import type { VmSummary } from './vm.ts';

export interface VmChoice {
  readonly vm: VmSummary;
  readonly chosen: boolean;
  /** Why it is in or out; "not selected" for a VM that no rule names. */
  readonly reason: string;
  /** The rules go by tags, and the VM's tags could not be read: a run must not guess. */
  readonly undecided?: true;
}

/**
 * Every VM of the inventory with the verdict on it, in the order given. Exclusions win.
 * `ownMoref`: the appliance's own VM, which no job can back up.
 */
export function selectVms(
  vms: readonly VmSummary[],
  selection: VmSelection,
  ownMoref?: string,
): readonly VmChoice[] {
  const includes = selection.include.map((rule) => ({ matches: matcher(rule), rule }));
  const excludes = selection.exclude.map((e) => ({ matches: matcher(e.rule), reason: e.reason }));
  const byTag = [...selection.include, ...selection.exclude.map(({ rule }) => rule)].some(
    ({ by }) => by === 'tag',
  );
  return vms.map((vm) => {
    if (byTag && vm.where.tags === undefined)
      return { vm, chosen: false, undecided: true, reason: 'its tags could not be read' };
    const included = includes.find((i) => i.matches(vm));
    if (included === undefined) return { vm, chosen: false, reason: 'not selected' };
    if (vm.template)
      return {
        vm,
        chosen: false,
        reason: 'a template; templates have no running state to protect',
      };
    if (vm.identity.moref === ownMoref)
      return { vm, chosen: false, reason: 'this appliance itself; it cannot back up its own VM' };
    const excluded = excludes.find((e) => e.matches(vm));
    if (excluded !== undefined)
      return { vm, chosen: false, reason: `excluded: ${excluded.reason}` };
    return { vm, chosen: true, reason: describeRule(included.rule) };
  });
}

/** Rules that name one VM which the inventory no longer has: deleted, or moved to another endpoint. */
export function missingVms(vms: readonly VmSummary[], selection: VmSelection): readonly string[] {
  const known = new Set(vms.map((vm) => vm.identity.instanceUuid));
  return selection.include.flatMap((rule) =>
    rule.by === 'vm' && !known.has(rule.instanceUuid) ? [rule.name] : [],
  );
}

export function describeRule(rule: VmRule): string {
  switch (rule.by) {
    case 'all':
      return 'every VM';
    case 'vm':
      return `VM ${rule.name}`;
    case 'folder':
      return `folder ${rule.path}`;
    case 'host':
    case 'cluster':
    case 'pool':
    case 'vapp':
    case 'datastore':
    case 'tag':
      return `${rule.by === 'vapp' ? 'vApp' : rule.by} ${rule.path}`;
    case 'name':
      return `name like ${rule.pattern}`;
    default:
      return rule satisfies never;
  }
}

function matcher(rule: VmRule): (vm: VmSummary) => boolean {
  switch (rule.by) {
    case 'all':
      return () => true;
    case 'vm':
      return (vm) => vm.identity.instanceUuid === rule.instanceUuid;
    case 'folder':
      return (vm) => vm.folderPath === rule.path || vm.folderPath.startsWith(`${rule.path}/`);
    case 'host':
    case 'cluster':
    case 'pool':
    case 'vapp':
    case 'datastore':
    case 'tag':
      return (vm) => isInPlace(vm.where, rule);
    case 'name': {
      const pattern = wildcard(rule.pattern);
      return (vm) => pattern.test(vm.identity.name);
    }
    default:
      return rule satisfies never;
  }
}

/** Everything but `*` and `?` is literal; `*` runs are folded so that matching stays linear. */
function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'isu');
}

import { html, type Html } from '../html.ts';
import type { InventoryVm } from '../inventory.ts';
import { named } from '../parts.ts';

export function vmPath(endpointId: string, moref: string): string {
  return `/vms/${encodeURIComponent(endpointId)}/${encodeURIComponent(moref)}`;
}

export function vmLink({ endpoint, vm }: InventoryVm): Html {
  return html`<a href="${vmPath(endpoint.id, vm.identity.moref)}">${named(vm.identity.name)}</a>`;
}

import type { ControllerKind } from '#core/vm.ts';

import { diskId, info, ovfDocument, type OvfDisk } from './envelope.ts';
import type { SavedVm } from './saved-vm.ts';
import { element, textElement } from './xml.ts';

export interface VmDisk extends OvfDisk {
  readonly controller: {
    readonly kind: ControllerKind;
    readonly bus: number;
    readonly unit: number;
  };
}

export interface VmDescriptorOptions {
  readonly name: string;
  readonly annotation: string;
  readonly vm: SavedVm;
  readonly disks: readonly VmDisk[];
}

const controllerTypes: Readonly<Record<ControllerKind, { type: number; subType?: string }>> = {
  pvscsi: { type: 6, subType: 'VirtualSCSI' },
  lsilogic: { type: 6, subType: 'lsilogic' },
  'lsilogic-sas': { type: 6, subType: 'lsilogicsas' },
  buslogic: { type: 6, subType: 'buslogic' },
  sata: { type: 20, subType: 'vmware.sata.ahci' },
  nvme: { type: 20, subType: 'vmware.nvme.controller' },
  ide: { type: 5 },
  other: { type: 6, subType: 'lsilogic' },
};

/** The OVF 1.1 document of a VM out of an archive. */
export function vmDescriptor(options: VmDescriptorOptions): string {
  const { vm, disks } = options;
  const networks = [...new Set(vm.networkCards.map(({ network }) => xmlText(network)))];
  return ovfDocument(disks, [
    ...(networks.length === 0
      ? []
      : [
          element('NetworkSection', {}, [
            info('Networks'),
            ...networks.map((name) =>
              element('Network', { 'ovf:name': name }, [
                textElement('Description', `The network ${name}`),
              ]),
            ),
          ]),
        ]),
    virtualSystem(options),
  ]);
}

function virtualSystem({ name, annotation, vm, disks }: VmDescriptorOptions): string {
  const title = xmlText(name);
  return element('VirtualSystem', { 'ovf:id': title }, [
    info('A virtual machine'),
    textElement('Name', title),
    // CIM's list of systems is old; VMware's own word says which it is. 1 is "other".
    element('OperatingSystemSection', { 'ovf:id': 1, 'vmw:osType': xmlText(vm.guestId) }, [
      info('Guest operating system'),
    ]),
    element('VirtualHardwareSection', {}, [
      info('Virtual hardware'),
      element('System', {}, [
        textElement('vssd:ElementName', 'Virtual hardware family'),
        textElement('vssd:InstanceID', 0),
        textElement('vssd:VirtualSystemIdentifier', title),
        textElement('vssd:VirtualSystemType', `vmx-${vm.hardwareVersion}`),
      ]),
      ...hardwareItems(vm, disks),
      setting('firmware', vm.firmware),
      ...(vm.secureBoot ? [setting('bootOptions.efiSecureBootEnabled', 'true')] : []),
    ]),
    element('AnnotationSection', {}, [
      info('Where this comes from'),
      textElement('Annotation', xmlText(annotation)),
    ]),
  ]);
}

function hardwareItems(vm: SavedVm, disks: readonly VmDisk[]): string[] {
  const controllers = new Map<string, { id: number; kind: ControllerKind; bus: number }>();
  for (const { controller } of disks) {
    const key = controllerKey(controller);
    if (!controllers.has(key)) controllers.set(key, { ...controller, id: 10 + controllers.size });
  }
  return [
    item({
      AllocationUnits: 'hertz * 10^6',
      Description: 'Number of virtual CPUs',
      ElementName: `${vm.cpus} virtual CPUs`,
      InstanceID: 1,
      ResourceType: 3,
      VirtualQuantity: vm.cpus,
      CoresPerSocket: vm.coresPerSocket,
    }),
    item({
      AllocationUnits: 'byte * 2^20',
      Description: 'Memory size',
      ElementName: `${vm.memoryMiB} MiB of memory`,
      InstanceID: 2,
      ResourceType: 4,
      VirtualQuantity: vm.memoryMiB,
    }),
    ...[...controllers.values()].map(({ id, kind, bus }) => {
      const { type, subType } = controllerTypes[kind];
      return item({
        Address: bus,
        ElementName: `Disk controller ${id - 9}`,
        InstanceID: id,
        ...(subType === undefined ? {} : { ResourceSubType: subType }),
        ResourceType: type,
      });
    }),
    ...disks.map(({ controller }, index) =>
      item({
        AddressOnParent: controller.unit,
        ElementName: `Hard disk ${index + 1}`,
        HostResource: `ovf:/disk/${diskId(index)}`,
        InstanceID: 100 + index,
        Parent: controllers.get(controllerKey(controller))!.id,
        ResourceType: 17,
      }),
    ),
    ...vm.networkCards.map(({ kind, network }, index) =>
      item({
        AddressOnParent: 7 + index,
        AutomaticAllocation: 'true',
        Connection: xmlText(network),
        ElementName: `Network adapter ${index + 1}`,
        InstanceID: 200 + index,
        ResourceSubType: kind,
        ResourceType: 10,
      }),
    ),
  ];
}

function controllerKey({ kind, bus }: Pick<VmDisk['controller'], 'kind' | 'bus'>): string {
  return `${kind} ${bus}`;
}

/** RASD's children must be in alphabetical order, and VMware's after them; so the objects above are written. */
function item(fields: Readonly<Record<string, string | number>>): string {
  return element(
    'Item',
    {},
    Object.entries(fields).map(([name, value]) =>
      name === 'CoresPerSocket'
        ? textElement('vmw:CoresPerSocket', value, { 'ovf:required': false })
        : textElement(`rasd:${name}`, value),
    ),
  );
}

function setting(key: string, value: string): string {
  return element('vmw:Config', { 'ovf:required': 'false', 'vmw:key': key, 'vmw:value': value }, []);
}

/** Names come from guests and administrators; XML has no way to write most control characters. */
function xmlText(text: string): string {
  return text.replaceAll(/[^\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
}

import { configurations, defaultConfiguration, hardwareItems } from './hardware.ts';
import { type PropertyText, propertyCategories, secretKeys } from './properties.ts';
import { diskId, info, ovfDocument, type OvfDisk } from '#ovf/envelope.ts';
import { element, textElement } from '#ovf/xml.ts';

export interface OvfOptions {
  /** Name of the VM that the importer proposes. */
  readonly name: string;
  readonly version: string;
  /** In the order of their unit numbers on controller 0. */
  readonly disks: readonly OvfDisk[];
}

const network = 'Management';
/** ESXi 6.7; every later host takes it. */
export const hardwareVersion = 14;
const debian64 = { cimId: 96, vmwareId: 'debian10_64Guest' } as const;

/** The whole OVF 1.1 document. */
export function ovfDescriptor(options: OvfOptions): string {
  return ovfDocument(options.disks, [
    element('NetworkSection', {}, [
      info('The network of the appliance'),
      element('Network', { 'ovf:name': network }, [
        textElement('Description', 'Reaches vCenter, the ESXi hosts and the NFS storage'),
      ]),
    ]),
    deploymentOptions(),
    virtualSystem(options),
  ]);
}

function deploymentOptions(): string {
  return element('DeploymentOptionSection', {}, [
    info('Sizes of the appliance'),
    ...configurations.map(({ id, label, cpus, memoryMiB, description }) =>
      element(
        'Configuration',
        { 'ovf:id': id, ...(id === defaultConfiguration ? { 'ovf:default': true } : {}) },
        [
          textElement('Label', label),
          textElement(
            'Description',
            `${description}: ${cpus} CPUs, ${memoryMiB / 1024} GiB of memory`,
          ),
        ],
      ),
    ),
  ]);
}

function virtualSystem({ name, version, disks }: OvfOptions): string {
  return element('VirtualSystem', { 'ovf:id': name }, [
    info('The coldframe backup appliance'),
    textElement('Name', name),
    element(
      'OperatingSystemSection',
      { 'ovf:id': debian64.cimId, 'vmw:osType': debian64.vmwareId },
      [info('Guest operating system'), textElement('Description', 'Debian GNU/Linux (64-bit)')],
    ),
    element('VirtualHardwareSection', { 'ovf:transport': 'com.vmware.guestInfo iso' }, [
      info('Virtual hardware'),
      element('System', {}, [
        textElement('vssd:ElementName', 'Virtual hardware family'),
        textElement('vssd:InstanceID', 0),
        textElement('vssd:VirtualSystemIdentifier', name),
        textElement('vssd:VirtualSystemType', `vmx-${hardwareVersion}`),
      ]),
      ...hardwareItems(
        disks.map((_, index) => diskId(index)),
        network,
      ),
    ]),
    element('ProductSection', {}, [
      info('What is installed, and its settings'),
      textElement('Product', 'coldframe'),
      textElement('Vendor', 'The coldframe project'),
      textElement('Version', version),
      ...propertyCategories.flatMap(({ title, properties }) => [
        textElement('Category', title),
        ...properties.map(property),
      ]),
    ]),
  ]);
}

function property({ key, label, description, defaultValue, maxLength }: PropertyText): string {
  return element(
    'Property',
    {
      'ovf:key': key,
      'ovf:type': 'string',
      'ovf:userConfigurable': true,
      'ovf:value': defaultValue ?? '',
      'ovf:qualifiers': `MaxLen(${maxLength})`,
      ...(secretKeys.includes(key) ? { 'ovf:password': true } : {}),
    },
    [textElement('Label', label), textElement('Description', description)],
  );
}

import { z } from 'zod';

/** What an OVF says of a virtual machine, beside its disks. */
export interface SavedVm {
  readonly cpus: number;
  readonly coresPerSocket: number;
  readonly memoryMiB: number;
  /** VMware's word for the guest, "debian12_64Guest". */
  readonly guestId: string;
  readonly firmware: 'bios' | 'efi';
  readonly secureBoot: boolean;
  readonly hardwareVersion: number;
  readonly networkCards: readonly { readonly kind: string; readonly network: string }[];
  /** Labels of devices that an OVF cannot carry to another place. */
  readonly leftOut: readonly string[];
}

const device = z.looseObject({
  $type: z.string().default(''),
  key: z.number().default(0),
  deviceInfo: z.looseObject({ label: z.string().default('') }).default({ label: '' }),
  backing: z
    .looseObject({
      deviceName: z.string().optional(),
      port: z.looseObject({ portgroupKey: z.string().optional() }).optional(),
    })
    .default({}),
});

const configuration = z.looseObject({
  guestId: z.string().default('otherGuest64'),
  version: z.string().default('vmx-14'),
  firmware: z.string().default('bios'),
  bootOptions: z
    .looseObject({ efiSecureBootEnabled: z.boolean().default(false) })
    .default({ efiSecureBootEnabled: false }),
  hardware: z.looseObject({
    numCPU: z.number().int().positive().default(1),
    numCoresPerSocket: z.number().int().default(1),
    memoryMB: z.number().int().positive().default(1024),
    device: z.array(device).default([]),
  }),
});

const placement = z.looseObject({
  networks: z.array(z.looseObject({ moref: z.string(), name: z.string() })).default([]),
});

type Device = z.infer<typeof device>;

/** vSphere's type names and OVF's. */
const cardKinds: Readonly<Record<string, string>> = {
  VirtualVmxnet3: 'VmxNet3',
  VirtualVmxnet3Vrdma: 'VmxNet3',
  VirtualVmxnet2: 'VmxNet2',
  VirtualE1000: 'E1000',
  VirtualE1000e: 'E1000e',
  VirtualPCNet32: 'PCNet32',
};

/** Every VM has them, or they are told through the disks. */
const implied =
  /^(?:ParaVirtualSCSIController|Virtual(?:Disk|LsiLogic(?:SAS)?Controller|BusLogicController|SCSIController|AHCIController|NVMEController|IDEController|PS2Controller|PCIController|SIOController|Keyboard|PointingDevice|MachineVideoCard|MachineVMCIDevice|Cdrom|Floppy|HdAudioCard))$/;

/** From vm/config.json and vm/placement.json; throws ZodError when the former is no configuration. */
export function savedVm(config: unknown, place: unknown): SavedVm {
  const { hardware, ...parsed } = configuration.parse(config);
  const { networks } = placement.safeParse(place).data ?? { networks: [] };
  const names = new Map(networks.map(({ moref, name }) => [moref, name]));
  const cards = hardware.device.filter(({ $type }) => cardKinds[$type] !== undefined);
  return {
    cpus: hardware.numCPU,
    coresPerSocket: Math.max(1, hardware.numCoresPerSocket),
    memoryMiB: hardware.memoryMB,
    guestId: parsed.guestId,
    firmware: parsed.firmware === 'efi' ? 'efi' : 'bios',
    secureBoot: parsed.bootOptions.efiSecureBootEnabled,
    hardwareVersion: Number(/^vmx-(\d+)$/.exec(parsed.version)?.[1] ?? 14),
    networkCards: cards.map((card) => ({
      kind: cardKinds[card.$type]!,
      network: networkOf(card, names),
    })),
    leftOut: hardware.device
      .filter((each) => !cards.includes(each) && !implied.test(each.$type))
      .map(({ $type, deviceInfo }) => deviceInfo.label || $type || 'a device without a name'),
  };
}

function networkOf({ backing }: Device, names: ReadonlyMap<string, string>): string {
  return backing.deviceName || names.get(backing.port?.portgroupKey ?? '') || 'VM Network';
}

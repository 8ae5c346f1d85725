import type { VmScenario } from '#test/lab/scenario.ts';

/** Names that guests' owners may choose; vSphere allows 80 characters. */
export const hostileNames = [
  `<script>window.broken=1</script>`,
  `"><img src=x onerror="window.broken=1">`,
  `it's "quoted" & \${x}`,
  `reversed \u202egnp.exe`,
  'long-name-without-any-break-'.repeat(3).slice(0, 80),
] as const;

export const hostileVms: readonly VmScenario[] = hostileNames.map((name) => ({
  name,
  folder: 'Hostile',
  poweredOn: true,
  changeTracking: true,
  disks: [{ sizeBytes: 1024 * 1024, thin: true, controller: 'pvscsi' }],
}));

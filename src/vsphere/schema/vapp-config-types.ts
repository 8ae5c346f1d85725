/** vApp properties of a VM: OVF environment, products, IP assignment. Notation: notation.ts. */
export const vappTypes = `
ArrayUpdateSpec: operation string, removeKey anyType?
VAppIPAssignmentInfo:
  supportedAllocationScheme string[]?, ipAllocationPolicy string?, supportedIpProtocol string[]?,
  ipProtocol string?
VAppOvfSectionInfo:
  key int?, namespace string?, type string?, atEnvelopeLevel boolean?, contents string?
VAppOvfSectionSpec < ArrayUpdateSpec: info VAppOvfSectionInfo?
VAppProductInfo:
  key int, classId string?, instanceId string?, name string?, vendor string?, version string?,
  fullVersion string?, vendorUrl string?, productUrl string?, appUrl string?
VAppProductSpec < ArrayUpdateSpec: info VAppProductInfo?
VAppPropertyInfo:
  key int, classId string?, instanceId string?, id string?, category string?, label string?,
  type string?, typeReference string?, userConfigurable boolean?, defaultValue string?,
  value string?, description string?
VAppPropertySpec < ArrayUpdateSpec: info VAppPropertyInfo?
VmConfigInfo:
  product VAppProductInfo[]?, property VAppPropertyInfo[]?, ipAssignment VAppIPAssignmentInfo,
  eula string[]?, ovfSection VAppOvfSectionInfo[]?, ovfEnvironmentTransport string[]?,
  installBootRequired boolean, installBootStopDelay int
VmConfigSpec:
  product VAppProductSpec[]?, property VAppPropertySpec[]?, ipAssignment VAppIPAssignmentInfo?,
  eula string[]?, ovfSection VAppOvfSectionSpec[]?, ovfEnvironmentTransport string[]?,
  installBootRequired boolean?, installBootStopDelay int?
`;

/** The calls that coldframe makes: `Name(parameters) answer`. Notation: notation.ts. */
export const operations = `
RetrieveServiceContent(_this moref) ServiceContent
Login(_this moref, userName string, password string, locale string?) UserSession
Logout(_this moref)
CurrentTime(_this moref) dateTime

RetrievePropertiesEx(_this moref, specSet PropertyFilterSpec[], options RetrieveOptions) RetrieveResult?
ContinueRetrievePropertiesEx(_this moref, token string) RetrieveResult
CancelRetrievePropertiesEx(_this moref, token string)
CreatePropertyCollector(_this moref) moref
DestroyPropertyCollector(_this moref)
CreateFilter(_this moref, spec PropertyFilterSpec, partialUpdates boolean) moref
DestroyPropertyFilter(_this moref)
WaitForUpdatesEx(_this moref, version string?, options WaitOptions?) UpdateSet?
CreateContainerView(_this moref, container moref, type string[]?, recursive boolean) moref
DestroyView(_this moref)
FindByUuid(_this moref, datacenter moref?, uuid string, vmSearch boolean, instanceUuid boolean?) moref?
FindAllByUuid(_this moref, datacenter moref?, uuid string, vmSearch boolean, instanceUuid boolean?) moref[]
FindByInventoryPath(_this moref, inventoryPath string) moref?

CreateSnapshot_Task(_this moref, name string, description string?, memory boolean, quiesce boolean) moref
CreateSnapshotEx_Task(_this moref, name string, description string?, memory boolean, quiesceSpec VirtualMachineGuestQuiesceSpec?) moref
RemoveSnapshot_Task(_this moref, removeChildren boolean, consolidate boolean?) moref
RevertToSnapshot_Task(_this moref, host moref?, suppressPowerOn boolean?) moref
ConsolidateVMDisks_Task(_this moref) moref
QueryChangedDiskAreas(_this moref, snapshot moref?, deviceKey int, startOffset long, changeId string) DiskChangeInfo
ReconfigVM_Task(_this moref, spec VirtualMachineConfigSpec) moref
CreateVM_Task(_this moref, config VirtualMachineConfigSpec, pool moref, host moref?) moref
PowerOnVM_Task(_this moref, host moref?) moref
PowerOffVM_Task(_this moref) moref
Destroy_Task(_this moref) moref
setCustomValue(_this moref, key string, value string)
CancelTask(_this moref)
HasPrivilegeOnEntities(_this moref, entity moref[], sessionId string, privId string[]?) EntityPrivilege[]?
`;

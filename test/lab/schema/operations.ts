/** Operations: name, result type, parameters in wire order after `_this`. */
export const operationLines = `
RetrieveServiceContent ServiceContent
CurrentTime dateTime
Login UserSession userName:string password:string locale:string?
Logout void
SessionIsActive boolean sessionID:string userName:string
TerminateSession void sessionId:string[]
Fetch anyType? prop:string
RetrieveProperties ObjectContent[]? specSet:PropertyFilterSpec[]
RetrievePropertiesEx RetrieveResult? specSet:PropertyFilterSpec[] options:RetrieveOptions
ContinueRetrievePropertiesEx RetrieveResult token:string
CancelRetrievePropertiesEx void token:string
CreateFilter ManagedObjectReference spec:PropertyFilterSpec partialUpdates:boolean
DestroyPropertyFilter void
CreatePropertyCollector ManagedObjectReference
DestroyPropertyCollector void
WaitForUpdates UpdateSet version:string?
WaitForUpdatesEx UpdateSet? version:string? options:WaitOptions?
CheckForUpdates UpdateSet? version:string?
CancelWaitForUpdates void
CreateContainerView ManagedObjectReference container:ManagedObjectReference type:string[]? recursive:boolean
DestroyView void
FindByUuid ManagedObjectReference? datacenter:ManagedObjectReference? uuid:string vmSearch:boolean instanceUuid:boolean?
FindAllByUuid ManagedObjectReference[] datacenter:ManagedObjectReference? uuid:string vmSearch:boolean instanceUuid:boolean?
FindByInventoryPath ManagedObjectReference? inventoryPath:string
FindChild ManagedObjectReference? entity:ManagedObjectReference name:string
FindByIp ManagedObjectReference? datacenter:ManagedObjectReference? ip:string vmSearch:boolean
FindByDnsName ManagedObjectReference? datacenter:ManagedObjectReference? dnsName:string vmSearch:boolean
FetchUserPrivilegeOnEntities UserPrivilegeResult[]? entities:ManagedObjectReference[] userName:string
HasPrivilegeOnEntities EntityPrivilege[]? entity:ManagedObjectReference[] sessionId:string privId:string[]?
HasPrivilegeOnEntity boolean[]? entity:ManagedObjectReference sessionId:string privId:string[]?
CreateSnapshot_Task ManagedObjectReference name:string description:string? memory:boolean quiesce:boolean
CreateSnapshotEx_Task ManagedObjectReference name:string description:string? memory:boolean quiesceSpec:VirtualMachineGuestQuiesceSpec?
RemoveSnapshot_Task ManagedObjectReference removeChildren:boolean consolidate:boolean?
RemoveAllSnapshots_Task ManagedObjectReference consolidate:boolean?
RenameSnapshot void name:string? description:string?
RevertToSnapshot_Task ManagedObjectReference host:ManagedObjectReference? suppressPowerOn:boolean?
RevertToCurrentSnapshot_Task ManagedObjectReference host:ManagedObjectReference? suppressPowerOn:boolean?
ConsolidateVMDisks_Task ManagedObjectReference
QueryChangedDiskAreas DiskChangeInfo snapshot:ManagedObjectReference? deviceKey:int startOffset:long changeId:string
ReconfigVM_Task ManagedObjectReference spec:VirtualMachineConfigSpec
CreateVM_Task ManagedObjectReference config:VirtualMachineConfigSpec pool:ManagedObjectReference host:ManagedObjectReference?
PowerOnVM_Task ManagedObjectReference host:ManagedObjectReference?
PowerOffVM_Task ManagedObjectReference
ShutdownGuest void
ResetVM_Task ManagedObjectReference
Destroy_Task ManagedObjectReference
UnregisterVM void
RegisterVM_Task ManagedObjectReference path:string name:string? asTemplate:boolean pool:ManagedObjectReference? host:ManagedObjectReference?
Rename_Task ManagedObjectReference newName:string
CancelTask void
AddCustomFieldDef CustomFieldDef name:string moType:string? fieldDefPolicy:PrivilegePolicyDef? fieldPolicy:PrivilegePolicyDef?
RemoveCustomFieldDef void key:int
SetField void entity:ManagedObjectReference key:int value:string
setCustomValue void key:string value:string
CreateFolder ManagedObjectReference name:string
MarkAsTemplate void
MarkAsVirtualMachine void pool:ManagedObjectReference host:ManagedObjectReference?
`;

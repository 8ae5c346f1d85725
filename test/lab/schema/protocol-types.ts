/** Service content, connections, property collector, vim tasks, views, privileges. */
export const protocolTypes = `
AuthorizationDescription privilege:ElementDescription[] privilegeGroup:ElementDescription[]
AuthorizationPrivilege privId:string onParent:boolean name:string privGroupName:string
AuthorizationRole roleId:int system:boolean name:string info:Description privilege:string[]?
DynamicProperty name:string val:anyType
EntityPrivilege entity:ManagedObjectReference privAvailability:PrivilegeAvailability[]
MissingObject obj:ManagedObjectReference fault:LocalizedMethodFault
MissingProperty path:string fault:LocalizedMethodFault
ObjectContent obj:ManagedObjectReference propSet:DynamicProperty[]? missingSet:MissingProperty[]?
ObjectSpec obj:ManagedObjectReference skip:boolean? selectSet:SelectionSpec[]?
ObjectUpdate kind:~ObjectUpdateKind obj:ManagedObjectReference changeSet:PropertyChange[]? missingSet:MissingProperty[]?
PrivilegeAvailability privId:string isGranted:boolean
PropertyChange name:string op:~PropertyChangeOp val:anyType?
PropertyFilterSpec propSet:PropertySpec[] objectSet:ObjectSpec[] reportMissingObjectsInResults:boolean?
PropertyFilterUpdate filter:ManagedObjectReference objectSet:ObjectUpdate[]? missingSet:MissingObject[]?
PropertySpec type:string all:boolean? pathSet:string[]?
RetrieveOptions maxObjects:int?
RetrieveResult token:string? objects:ObjectContent[]
SelectionSpec name:string?
ServiceContent rootFolder:ManagedObjectReference propertyCollector:ManagedObjectReference viewManager:ManagedObjectReference? about:AboutInfo setting:ManagedObjectReference? userDirectory:ManagedObjectReference? sessionManager:ManagedObjectReference? authorizationManager:ManagedObjectReference? serviceManager:ManagedObjectReference? perfManager:ManagedObjectReference? scheduledTaskManager:ManagedObjectReference? alarmManager:ManagedObjectReference? eventManager:ManagedObjectReference? taskManager:ManagedObjectReference? extensionManager:ManagedObjectReference? customizationSpecManager:ManagedObjectReference? guestCustomizationManager:ManagedObjectReference? customFieldsManager:ManagedObjectReference? accountManager:ManagedObjectReference? diagnosticManager:ManagedObjectReference? licenseManager:ManagedObjectReference? searchIndex:ManagedObjectReference? fileManager:ManagedObjectReference? datastoreNamespaceManager:ManagedObjectReference? virtualDiskManager:ManagedObjectReference? virtualizationManager:ManagedObjectReference? snmpSystem:ManagedObjectReference? vmProvisioningChecker:ManagedObjectReference? vmCompatibilityChecker:ManagedObjectReference? ovfManager:ManagedObjectReference? ipPoolManager:ManagedObjectReference? dvSwitchManager:ManagedObjectReference? hostProfileManager:ManagedObjectReference? clusterProfileManager:ManagedObjectReference? complianceManager:ManagedObjectReference? localizationManager:ManagedObjectReference? storageResourceManager:ManagedObjectReference? guestOperationsManager:ManagedObjectReference? overheadMemoryManager:ManagedObjectReference? certificateManager:ManagedObjectReference? ioFilterManager:ManagedObjectReference? vStorageObjectManager:ManagedObjectReference? hostSpecManager:ManagedObjectReference? cryptoManager:ManagedObjectReference? healthUpdateManager:ManagedObjectReference? failoverClusterConfigurator:ManagedObjectReference? failoverClusterManager:ManagedObjectReference? tenantManager:ManagedObjectReference? siteInfoManager:ManagedObjectReference? storageQueryManager:ManagedObjectReference?
TaskDescription methodInfo:ElementDescription[] state:ElementDescription[] reason:TypeDescription[]
TaskInfo key:string task:ManagedObjectReference description:LocalizableMessage? name:string? descriptionId:string entity:ManagedObjectReference? entityName:string? locked:ManagedObjectReference[]? state:~TaskInfoState cancelled:boolean cancelable:boolean error:LocalizedMethodFault? result:anyType? progress:int? reason:TaskReason queueTime:dateTime startTime:dateTime? completeTime:dateTime? eventChainId:int changeTag:string? parentTaskKey:string? rootTaskKey:string? activationId:string?
TaskReason
TaskReasonSystem(TaskReason)
TaskReasonUser(TaskReason) userName:string
TraversalSpec(SelectionSpec) type:string path:string skip:boolean? selectSet:SelectionSpec[]?
TypeDescription(Description) key:string
UpdateSet version:string filterSet:PropertyFilterUpdate[]? truncated:boolean?
UserPrivilegeResult entity:ManagedObjectReference privileges:string[]?
UserSession key:string userName:string fullName:string loginTime:dateTime lastActiveTime:dateTime locale:string messageLocale:string extensionSession:boolean ipAddress:string userAgent:string callCount:long
WaitOptions maxWaitSeconds:int? maxObjectUpdates:int?
`;

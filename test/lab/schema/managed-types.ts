/** Managed objects and their properties; the base in brackets. */
export const managedTypes = `
AuthorizationManager privilegeList:AuthorizationPrivilege[]? roleList:AuthorizationRole[]? description:AuthorizationDescription?
ClusterComputeResource(ComputeResource) configuration:ClusterConfigInfo? recommendation:ClusterRecommendation[]? drsRecommendation:ClusterDrsRecommendation[]? hciConfig:ClusterComputeResourceHCIConfigInfo? migrationHistory:ClusterDrsMigration[]? actionHistory:ClusterActionHistory[]? drsFault:ClusterDrsFaults[]?
ComputeResource(ManagedEntity) resourcePool:ManagedObjectReference? host:ManagedObjectReference[]? datastore:ManagedObjectReference[]? network:ManagedObjectReference[]? summary:ComputeResourceSummary? environmentBrowser:ManagedObjectReference? configurationEx:ComputeResourceConfigInfo? lifecycleManaged:boolean?
ContainerView(ManagedObjectView) container:ManagedObjectReference? type:string[]? recursive:boolean?
CustomFieldsManager field:CustomFieldDef[]?
Datacenter(ManagedEntity) vmFolder:ManagedObjectReference? hostFolder:ManagedObjectReference? datastoreFolder:ManagedObjectReference? networkFolder:ManagedObjectReference? datastore:ManagedObjectReference[]? network:ManagedObjectReference[]? configuration:DatacenterConfigInfo?
Datastore(ManagedEntity) info:DatastoreInfo? summary:DatastoreSummary? host:DatastoreHostMount[]? vm:ManagedObjectReference[]? browser:ManagedObjectReference? capability:DatastoreCapability? iormConfiguration:StorageIORMInfo?
EventManager description:EventDescription? latestEvent:Event? maxCollector:int?
ExtensibleManagedObject value:CustomFieldValue[]? availableField:CustomFieldDef[]?
ExtensionManager extensionList:Extension[]?
Folder(ManagedEntity) childType:string[]? childEntity:ManagedObjectReference[]? namespace:string?
HostSystem(ManagedEntity) runtime:HostRuntimeInfo? summary:HostListSummary? hardware:HostHardwareInfo? capability:HostCapability? licensableResource:HostLicensableResourceInfo? remediationState:HostSystemRemediationState? precheckRemediationResult:ApplyHostProfileConfigurationSpec? remediationResult:ApplyHostProfileConfigurationResult? complianceCheckState:HostSystemComplianceCheckState? complianceCheckResult:ComplianceResult? configManager:HostConfigManager? config:HostConfigInfo? vm:ManagedObjectReference[]? datastore:ManagedObjectReference[]? network:ManagedObjectReference[]? datastoreBrowser:ManagedObjectReference? systemResources:HostSystemResourceInfo? answerFileValidationState:AnswerFileStatusResult? answerFileValidationResult:AnswerFileStatusResult?
ManagedEntity(ExtensibleManagedObject) parent:ManagedObjectReference? customValue:CustomFieldValue[]? overallStatus:~ManagedEntityStatus? configStatus:~ManagedEntityStatus? configIssue:Event[]? effectiveRole:int[]? permission:Permission[]? name:string? disabledMethod:string[]? recentTask:ManagedObjectReference[]? declaredAlarmState:AlarmState[]? triggeredAlarmState:AlarmState[]? alarmActionsEnabled:boolean? tag:Tag[]?
ManagedObjectView view:ManagedObjectReference[]?
Network(ManagedEntity) summary:NetworkSummary? host:ManagedObjectReference[]? vm:ManagedObjectReference[]? name:string?
OptionManager supportedOption:OptionDef[]? setting:OptionValue[]?
PropertyCollector filter:ManagedObjectReference[]?
PropertyFilter spec:PropertyFilterSpec? partialUpdates:boolean?
ResourcePool(ManagedEntity) summary:ResourcePoolSummary? runtime:ResourcePoolRuntimeInfo? owner:ManagedObjectReference? resourcePool:ManagedObjectReference[]? vm:ManagedObjectReference[]? config:ResourceConfigSpec? namespace:string? childConfiguration:ResourceConfigSpec[]?
SearchIndex
ServiceInstance serverClock:dateTime? capability:Capability? content:ServiceContent?
SessionManager sessionList:UserSession[]? currentSession:UserSession? message:string? messageLocaleList:string[]? supportedLocaleList:string[]? defaultLocale:string?
Task(ExtensibleManagedObject) info:TaskInfo?
TaskManager recentTask:ManagedObjectReference[]? description:TaskDescription? maxCollector:int?
View
ViewManager viewList:ManagedObjectReference[]?
VirtualApp(ResourcePool) parentFolder:ManagedObjectReference? datastore:ManagedObjectReference[]? network:ManagedObjectReference[]? vAppConfig:VAppConfigInfo? parentVApp:ManagedObjectReference? childLink:VirtualAppLinkInfo[]?
VirtualMachine(ManagedEntity) capability:VirtualMachineCapability? config:VirtualMachineConfigInfo? layout:VirtualMachineFileLayout? layoutEx:VirtualMachineFileLayoutEx? storage:VirtualMachineStorageInfo? environmentBrowser:ManagedObjectReference? resourcePool:ManagedObjectReference? parentVApp:ManagedObjectReference? resourceConfig:ResourceConfigSpec? runtime:VirtualMachineRuntimeInfo? guest:GuestInfo? summary:VirtualMachineSummary? datastore:ManagedObjectReference[]? network:ManagedObjectReference[]? snapshot:VirtualMachineSnapshotInfo? rootSnapshot:ManagedObjectReference[]? guestHeartbeatStatus:~ManagedEntityStatus?
VirtualMachineSnapshot(ExtensibleManagedObject) config:VirtualMachineConfigInfo? childSnapshot:ManagedObjectReference[]? vm:ManagedObjectReference?
`;

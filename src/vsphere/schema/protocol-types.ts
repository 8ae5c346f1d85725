/** Parts of calls: connection, property collector, vim task, privileges. Notation: notation.ts. */
export const protocolTypes = `
AboutInfo:
  name string, fullName string, vendor string, version string, patchLevel string?@7.0.2,
  build string, localeVersion string?, localeBuild string?, osType string, productLineId string,
  apiType string, apiVersion string, instanceUuid string?, licenseProductName string?,
  licenseProductVersion string?
AuthorizationPrivilege: privId string, onParent boolean, name string, privGroupName string
CustomFieldDef:
  key int, name string, type string, managedObjectType string?,
  fieldDefPrivileges PrivilegePolicyDef?, fieldInstancePrivileges PrivilegePolicyDef?
CustomFieldStringValue < CustomFieldValue: value string
CustomFieldValue: key int
DynamicProperty: name string, val anyType
EntityPrivilege: entity moref, privAvailability PrivilegeAvailability[]
KeyAnyValue: key string, value anyType
LocalizableMessage: key string, arg KeyAnyValue[]?, message string?
LocalizedMethodFault: fault MethodFault, localizedMessage string?
MethodFault: faultCause LocalizedMethodFault?, faultMessage LocalizableMessage[]?
MissingObject: obj moref, fault LocalizedMethodFault
MissingProperty: path string, fault LocalizedMethodFault
ObjectContent: obj moref, propSet DynamicProperty[]?, missingSet MissingProperty[]?
ObjectSpec: obj moref, skip boolean?, selectSet SelectionSpec[]?
ObjectUpdate: kind string, obj moref, changeSet PropertyChange[]?, missingSet MissingProperty[]?
PrivilegeAvailability: privId string, isGranted boolean
PrivilegePolicyDef:
  createPrivilege string, readPrivilege string, updatePrivilege string, deletePrivilege string
PropertyChange: name string, op string, val anyType?
PropertyFilterSpec:
  propSet PropertySpec[], objectSet ObjectSpec[], reportMissingObjectsInResults boolean?
PropertyFilterUpdate: filter moref, objectSet ObjectUpdate[]?, missingSet MissingObject[]?
PropertySpec: type string, all boolean?, pathSet string[]?
RetrieveOptions: maxObjects int?
RetrieveResult: token string?, objects ObjectContent[]
SelectionSpec: name string?
ServiceContent:
  rootFolder moref, propertyCollector moref, viewManager moref?, about AboutInfo,
  sessionManager moref?, authorizationManager moref?, taskManager moref?, searchIndex moref?
TaskInfo:
  key string, task moref, description LocalizableMessage?, name string?, descriptionId string,
  entity moref?, entityName string?, locked moref[]?, state string, cancelled boolean,
  cancelable boolean, error LocalizedMethodFault?, result anyType?, progress int?,
  progressDetails KeyAnyValue[]?@8.0.1, reason TaskReason, queueTime dateTime,
  startTime dateTime?, completeTime dateTime?, eventChainId int, changeTag string?,
  parentTaskKey string?, rootTaskKey string?, activationId string?
TaskReason
TraversalSpec < SelectionSpec: type string, path string, skip boolean?, selectSet SelectionSpec[]?
UpdateSet: version string, filterSet PropertyFilterUpdate[]?, truncated boolean?
UserPrivilegeResult: entity moref, privileges string[]?
UserSession:
  key string, userName string, fullName string, loginTime dateTime, lastActiveTime dateTime,
  locale string, messageLocale string, extensionSession boolean, ipAddress string,
  userAgent string, callCount long
WaitOptions: maxWaitSeconds int?, maxObjectUpdates int?
ArrayOfAuthorizationPrivilege: AuthorizationPrivilege AuthorizationPrivilege[]?
ArrayOfCustomFieldDef: CustomFieldDef CustomFieldDef[]?
ArrayOfCustomFieldValue: CustomFieldValue CustomFieldValue[]?
ArrayOfString: string string[]?
ArrayOfManagedObjectReference: ManagedObjectReference moref[]?
`;
